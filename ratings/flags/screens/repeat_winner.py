"""The same agency wins most of what one owner decides otherwise than by lot. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    PROJECTS,
    RESULT_ACTS,
    WHOLE,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    lead_over,
    percent,
)

# Where a lot decides, how often somebody wins is measured by the odds.
_BY_LOT = frozenset({"draw", "price_then_draw"})


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least, self.share = max(numbers["screen.repeat_wins_min"], 1), numbers["screen.repeat_share"]
        self.all: Counter[str] = Counter()
        self.wins: Counter[tuple[str, str]] = Counter()

    def see(self, case: Case) -> None:
        if case.winner and case.method not in _BY_LOT:
            self.all[case.owner_code] += 1
            self.wins[case.owner_code, case.winner] += 1

    def suspects(self) -> Iterator[str]:
        return (
            owner for (owner, _), wins in self.wins.items()
            if wins >= self.least and wins * WHOLE >= self.share * self.all[owner]
        )  # fmt: skip


def _find(history: History, numbers: Numbers) -> list[Lead]:
    owners: defaultdict[str, list[Case]] = defaultdict(list)
    for case in history.cases:
        if case.winner and case.method not in _BY_LOT:
            owners[case.owner_code].append(case)
    found = []
    for owner, cases in sorted(owners.items()):
        if not history.judges(owner):
            continue
        for winner, times in sorted(Counter(str(case.winner) for case in cases).items()):
            share = times * WHOLE // len(cases)
            if times >= max(numbers["screen.repeat_wins_min"], 1) and share >= numbers["screen.repeat_share"]:
                found.append(_lead(owner, winner, cases, share, history, numbers))
    return found


def _lead(owner: str, winner: str, cases: list[Case], share: int, history: History, numbers: Numbers) -> Lead:
    won = [case for case in cases if case.winner == winner]
    text = Message(
        N_("{agency} won {wins} of the {count} projects that {owner} decided otherwise than by lot."),
        {"agency": won[-1].name_of(winner), "owner": won[-1].owner_name, "wins": len(won), "count": len(cases)},
    )
    figures = (
        Figure(N_("Projects won"), str(len(won)), f"≥ {numbers['screen.repeat_wins_min']}", unit=PROJECTS),
        Figure(N_("Share of the owner's projects"), percent(share), f"≥ {percent(numbers['screen.repeat_share'])}"),
    )
    return lead_over(won, f"{owner}+{winner}", text, share, history=history, parties=(owner, winner), figures=figures)


SCREEN = Screen(
    code="repeat_winner", version=1, title=N_("Same winner, same owner"), reads=Reads.MARKET,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 41; share of the winner at the owner (DIGIWHIST)"),
    reckoning=N_("Of the owner's projects of the period that were not decided by lot, one agency won as many and as large a share as the rulebook says."),
    inputs=N_("Owner, method and winner of every result of the period that no lot decided"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.repeat_wins_min", "screen.repeat_share"), find=_find, tally=_Tally,
)  # fmt: skip
