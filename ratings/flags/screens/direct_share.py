"""An owner that names its agency itself more often than it lets agencies compete. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    PROJECTS,
    WHOLE,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    by_party,
    lead_over,
    percent,
)

_ACTS = ("project.published",)


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least, self.share = max(numbers["screen.direct_min"], 1), numbers["screen.direct_share"]
        self.all: Counter[str] = Counter()
        self.picked: Counter[str] = Counter()

    def see(self, case: Case) -> None:
        if case.winner:
            self.all[case.owner_code] += 1
            self.picked[case.owner_code] += case.method == "direct"

    def suspects(self) -> Iterator[str]:
        return (
            code for code, picked in self.picked.items()
            if picked >= self.least and picked * WHOLE >= self.share * self.all[code]
        )  # fmt: skip


def _owner(case: Case) -> Iterator[str]:
    """Of a project with a result."""
    if case.winner:
        yield case.owner_code


def _lead(owner: str, cases: list[Case], history: History, numbers: Numbers) -> Lead | None:
    picked = [case for case in cases if case.method == "direct"]
    least, share_least = numbers["screen.direct_min"], numbers["screen.direct_share"]
    share = len(picked) * WHOLE // len(cases)
    if len(picked) < max(least, 1) or share < share_least:
        return None
    text = Message(
        N_("{owner} picked the agency directly in {picked} of {count} projects."),
        {"owner": picked[-1].owner_name, "picked": len(picked), "count": len(cases)},
    )
    figures = (
        Figure(N_("Direct picks"), str(len(picked)), f"≥ {least}", unit=PROJECTS),
        Figure(N_("Share of the owner's projects"), percent(share), f"≥ {percent(share_least)}"),
    )
    return lead_over(picked, owner, text, share, history=history, parties=(owner,), figures=figures, acts=_ACTS)


SCREEN = Screen(
    code="direct_share", version=1, title=N_("Many direct picks"), reads=Reads.MARKET,
    basis=N_("Rules on open access to the supermarket; procedures without competition (DIGIWHIST)"),
    reckoning=N_("Of the owner's projects of the period with a result, the share whose agency it named itself."),
    inputs=N_("Owner and method of every result of the period"), acts=_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.direct_min", "screen.direct_share"), find=by_party(_owner, _lead), tally=_Tally,
)  # fmt: skip
