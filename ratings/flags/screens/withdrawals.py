"""An agency that again and again gives up its place after the close. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    TIMES,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    by_party,
    lead_over,
)
from ratings.flags.screens.pricing import who_won

_ACTS = ("sign_up.abandoned",)


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least = max(numbers["screen.abandoned_min"], 1)
        self.given_up: Counter[str] = Counter()

    def see(self, case: Case) -> None:
        self.given_up.update(case.abandoned)

    def suspects(self) -> Iterator[str]:
        return (code for code, times in self.given_up.items() if times >= self.least)


def _lead(code: str, cases: list[Case], history: History, numbers: Numbers) -> Lead | None:
    least = numbers["screen.abandoned_min"]
    if len(cases) < max(least, 1):
        return None
    text = Message(
        N_("{agency} withdrew {count} times after sign-up had closed."),
        {"agency": cases[-1].name_of(code), "count": len(cases)},
    )
    figures = (Figure(N_("Withdrawals after the close"), str(len(cases)), f"≥ {least}", unit=TIMES),)
    return lead_over(cases, code, text, 3_000 + 1_500 * len(cases), history=history, parties=(code,), figures=figures,
                     rows=who_won(cases), acts=_ACTS)  # fmt: skip


SCREEN = Screen(
    code="withdrawals", version=1, title=N_("Repeated withdrawal after the close"), reads=Reads.MARKET,
    basis=N_("Research on bid-rigging: suppression of bids; the pledge that every agency signs at entry"),
    reckoning=N_("Over the period the agency gave up its place in a frozen pool at least as often as the rulebook says; beside each project stands who won it."),
    inputs=N_("Places given up after the close, over the period"), acts=_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.abandoned_min",), find=by_party(lambda case: case.abandoned, _lead), tally=_Tally,
)  # fmt: skip
