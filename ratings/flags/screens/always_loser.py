"""An agency that bids again and again, never wins, and mostly loses to the same one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
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
    by_party,
    lead_over,
    percent,
)


class _Tally:
    def __init__(self, numbers: Numbers) -> None:
        self.least = max(numbers["screen.loser_bids_min"], 1)
        self.bids: Counter[str] = Counter()
        self.winners: set[str] = set()

    def see(self, case: Case) -> None:
        if bidders := _bidders(case):
            self.winners |= bidders & {str(case.winner)}
            self.bids.update(bidders)

    def suspects(self) -> Iterator[str]:
        return (code for code, count in self.bids.items() if count >= self.least and code not in self.winners)


def _bidders(case: Case) -> set[str]:
    """Of a contest that somebody won."""
    return {bid.code for bid in case.bids} if case.winner and len(case.bids) > 1 else set()


def _lead(code: str, cases: list[Case], history: History, numbers: Numbers) -> Lead | None:
    least, share_least = numbers["screen.loser_bids_min"], numbers["screen.loser_same_winner"]
    if len(cases) < max(least, 1) or any(case.winner == code for case in cases):
        return None
    winner, times = min(Counter(str(case.winner) for case in cases).items(), key=lambda item: (-item[1], item[0]))
    share = times * WHOLE // len(cases)
    if share < share_least:
        return None
    loser_name, winner_name = cases[-1].name_of(code), cases[-1].name_of(winner)
    text = Message(
        N_("{loser} bid {count} times, never won, and lost {times} times to {winner}."),
        {"loser": loser_name, "winner": _name(winner, cases) or winner_name, "count": len(cases), "times": times},
    )
    figures = (
        Figure(N_("Bids without a win"), str(len(cases)), f"≥ {least}", unit=TIMES),
        Figure(N_("Share lost to the same winner"), percent(share), f"≥ {percent(share_least)}"),
    )
    return lead_over(cases, code, text, share, history=history, parties=(code, winner), figures=figures)


def _name(code: str, cases: list[Case]) -> str:
    """The winner need not be in every pool that was looked at."""
    return next((case.name_of(code) for case in cases if case.winner == code), "")


SCREEN = Screen(
    code="always_loser", version=1, title=N_("Always bids, never wins"), reads=Reads.MARKET,
    basis=N_("Cardinal indicator R025; research on cover bids"),
    reckoning=N_("Over the period an agency bid on price at least as often as the rulebook says without one win, and one rival won most of these contests."),
    inputs=N_("Bidders and winner of every contest on price of the period"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.loser_bids_min", "screen.loser_same_winner"), find=by_party(_bidders, _lead), tally=_Tally,
)  # fmt: skip
