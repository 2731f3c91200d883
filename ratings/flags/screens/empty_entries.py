"""An agency that signs up for contests on price and hands in nothing. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    RESULT_ACTS,
    TIMES,
    Case,
    Figure,
    History,
    Lead,
    Numbers,
    Reads,
    Screen,
    lead_over,
)
from ratings.flags.screens.pricing import who_won

_LEAST = "screen.empty_entries_min"


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least = max(numbers[_LEAST], 1)
        self.empty: Counter[str] = Counter()
        self.bidders: set[str] = set()

    def see(self, case: Case) -> None:
        if case.bids:
            bidders = {bid.code for bid in case.bids}
            self.bidders |= bidders
            self.empty.update({firm.code for firm in case.pool} - bidders)

    def suspects(self) -> Iterator[str]:
        return (code for code, count in self.empty.items() if count >= self.least and code not in self.bidders)


def _find(history: History, numbers: Numbers) -> list[Lead]:
    empty, bidders = defaultdict[str, list[Case]](list), set[str]()
    for case in history.cases:
        if case.bids:
            present = {bid.code for bid in case.bids}
            bidders |= present
            for code in {firm.code for firm in case.pool} - present:
                empty[code].append(case)
    return [
        _lead(code, cases, history, numbers)
        for code, cases in sorted(empty.items())
        if history.judges(code) and code not in bidders and len(cases) >= max(numbers[_LEAST], 1)
    ]


def _lead(code: str, cases: list[Case], history: History, numbers: Numbers) -> Lead:
    text = Message(
        N_("{agency} signed up for {count} contests on price and never made a valid bid."),
        {"agency": cases[-1].name_of(code), "count": len(cases)},
    )
    figures = (Figure(N_("Entries without a valid bid"), str(len(cases)), f"≥ {numbers[_LEAST]}", unit=TIMES),)
    return lead_over(cases, code, text, 3_000 + 1_000 * len(cases), history=history, parties=(code,), figures=figures,
                     rows=who_won(cases))  # fmt: skip


SCREEN = Screen(
    code="empty_entries", version=1, title=N_("Signs up and never bids"), reads=Reads.MARKET,
    basis=N_("Research on bid-rigging: suppression of bids, and entries that only make up the number"),
    reckoning=N_("Over the period the agency was in the pools of contests on price at least as often as the rulebook says and has not one valid bid; beside each project stands who won it."),
    inputs=N_("Pool and valid bids of every contest on price of the period"),
    acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=(_LEAST,), find=_find, tally=_Tally,
)  # fmt: skip
