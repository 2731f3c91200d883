"""Two agencies that nearly always take part together, and win only one or turn by turn. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.companions import Companions, overlap_of
from ratings.flags.screens.interface import (
    RESULT_ACTS,
    TIMES,
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


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least = max(numbers["screen.pair_together_min"], 1)
        self.companions = Companions(numbers["screen.pair_overlap"])

    def see(self, case: Case) -> None:
        if case.bids and case.winner:
            self.companions.meet({bid.code for bid in case.bids})

    def suspects(self) -> Iterator[str]:
        return (code for pair in self.companions.suspected(self.least) for code in pair)


def _find(history: History, numbers: Numbers) -> list[Lead]:
    contests = [case for case in history.cases if case.bids and case.winner]
    entered: defaultdict[str, list[Case]] = defaultdict(list)
    together: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in contests:
        codes = sorted({bid.code for bid in case.bids})
        for code in codes:
            entered[code].append(case)
        for pair in combinations(filter(history.judges, codes), 2):
            together[pair].append(case)
    found = (_lead(pair, cases, entered, history, numbers) for pair, cases in sorted(together.items()))
    return [lead for lead in found if lead is not None]


def _lead(
    pair: tuple[str, str], cases: list[Case], entered: dict[str, list[Case]], history: History, numbers: Numbers
) -> Lead | None:
    first, second = pair
    least, overlap_least = numbers["screen.pair_together_min"], numbers["screen.pair_overlap"]
    if len(cases) < max(least, 1):
        return None
    # Of all contests in which either took part, the share in which both did (Jaccard).
    overlap = overlap_of(len(cases), len(entered[first]), len(entered[second]))
    wins = {code: sum(case.winner == code for case in cases) for code in pair}
    share = sum(wins.values()) * WHOLE // len(cases)
    if overlap < overlap_least or share < numbers["screen.pair_wins"]:
        return None
    said = (
        N_("{first} and {second} bid together {count} times; they won in turn.") if all(wins.values())
        else N_("{first} and {second} bid together {count} times; only one of them ever won.")
    )  # fmt: skip
    names = {code: cases[-1].name_of(code) for code in pair}
    text = Message(said, {"first": names[first], "second": names[second], "count": len(cases)})
    figures = (
        Figure(N_("Bid together"), str(len(cases)), f"≥ {least}", unit=TIMES),
        Figure(N_("Share of their contests with both"), percent(overlap), f"≥ {percent(overlap_least)}"),
        Figure(N_("Share of these that one of the two won"), percent(share), f"≥ {percent(numbers['screen.pair_wins'])}"),
    )  # fmt: skip
    rows = tuple((names[code], str(wins[code])) for code in pair)
    return lead_over(cases, f"{first}+{second}", text, (overlap + share) // 2, history=history, parties=pair,
                     figures=figures, rows=rows)  # fmt: skip


SCREEN = Screen(
    code="pairs", version=1, title=N_("Pairs that always bid together"), reads=Reads.MARKET,
    basis=N_("Research on networks of co-bidders (Imhof and others; Wallimann and others): groups that often meet, with rotating winners"),
    reckoning=N_("Over the period two agencies bid together at least as often as the rulebook says, hardly ever without each other, and one of the two won nearly always."),
    inputs=N_("Bidders and winner of every contest on price of the period"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.pair_together_min", "screen.pair_overlap", "screen.pair_wins"), find=_find, tally=_Tally,
)  # fmt: skip
