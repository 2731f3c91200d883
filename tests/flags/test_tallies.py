"""One pass that keeps counts only leaves nobody out: what it suspects, looked at closely, gives the leads of the whole."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.flags.screens import SCREENS
from ratings.flags.screens.companions import Companions, overlap_of
from ratings.flags.screens.interface import WHOLE, Bid, Case, History, Lead, Numbers
from tests.flags.cases import CODES, case, firm, numbers

METHODS = ("draw", "lowest_price", "multi_round", "direct")
# As low as they go, so that short histories are enough.
LOW = {
    "screen.pair_together_min": 2, "screen.loser_bids_min": 2, "screen.odds_wins_min": 1, "screen.odds_below": 400_000,
    "screen.repeat_wins_min": 2, "screen.direct_min": 2, "screen.abandoned_min": 2, "screen.phantom_together_min": 2,
    "screen.phantom_group_min": 2, "screen.empty_entries_min": 2,
}  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[Case, ...]:
    def one(number: int) -> Case:
        method = draw(st.sampled_from(METHODS))
        pool = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True))
        bidders = [] if method in ("draw", "direct") else draw(st.lists(st.sampled_from(pool), max_size=4, unique=True))
        return case(
            f"P{number:02d}", method=method, owner_code=draw(st.sampled_from(("O1", "O2"))),
            pool=tuple(firm(code, tickets=draw(st.integers(1, 2))) for code in pool),
            bids=tuple(Bid(code, 100 + place) for place, code in enumerate(bidders)),
            winner=draw(st.sampled_from([*pool, None])), amount_fen=draw(st.sampled_from((8_500_000, 9_900_000, 1))),
            abandoned=tuple(draw(st.lists(st.sampled_from(pool), max_size=1))),
        )  # fmt: skip

    return tuple(one(number) for number in range(draw(st.integers(0, 14))))


def _keys(leads: list[Lead]) -> set[tuple[str, tuple[str, ...], int]]:
    return {(lead.key, lead.parties, lead.score) for lead in leads}


def _low(screen: str) -> Numbers:
    return {key: LOW.get(key, numbers()[key]) for key in SCREENS[screen].rules}


@pytest.mark.parametrize("code", [code for code, screen in SCREENS.items() if screen.tally is not None])
@settings(max_examples=60)
@given(history=histories())
def test_suspects_looked_at_closely_are_all_that_is_found(code: str, history: tuple[Case, ...]) -> None:
    screen, limits = SCREENS[code], _low(code)
    assert screen.tally is not None
    tally = screen.tally(limits)
    for one in reversed(history):
        tally.see(one)
    suspects = frozenset(tally.suspects())
    known = tuple(one for one in history if suspects & {one.owner_code, *(firm.code for firm in one.pool)})
    whole = _keys(list(screen.find(History(history, period="2026"), limits)))
    assert _keys(list(screen.find(History(known, period="2026", subjects=suspects), limits))) == whole


def test_low_limits_find_something_with_every_tally() -> None:
    """The property above would hold of screens that never fire."""
    drawn = [case(f"D{n}", pool=tuple(map(firm, CODES[:3])), winner=CODES[0]) for n in range(3)]
    bid = [case(f"B{n}", {CODES[3]: 100, CODES[4]: 200}, amount_fen=9_000_000) for n in range(3)]
    more = [
        case(f"M{n}", method="direct", pool=(firm(CODES[1]),), winner=CODES[1], owner_code="O9",
             abandoned=(CODES[1],)) for n in range(3)
    ] + [case(f"E{n}", {"Z0001": 1}, pool=tuple(map(firm, (CODES[2], "Z0001")))) for n in range(2)]  # fmt: skip
    history = History((*drawn, *bid, *more), period="2026")
    for code, screen in SCREENS.items():
        if screen.tally is not None:
            assert list(screen.find(history, _low(code))), code


@given(
    st.lists(st.sets(st.integers(0, 40), min_size=2, max_size=6), max_size=40),
    st.lists(st.sampled_from(("7", "8")), max_size=20),
)
def test_companions_forget_nobody_who_matters(crowds: list[set[int]], apart: list[str]) -> None:
    """Two who meet among many others are suspected whenever they are hardly ever apart, in bounded memory."""
    meetings = [{"7", "8", *(f"x{one}" for one in crowd)} for crowd in crowds] + [{code, "y"} for code in apart]
    companions, entered, together = Companions(8_000), Counter[str](), Counter[tuple[str, str]]()
    for codes in meetings:
        companions.meet(codes)
        entered.update(codes)
        together.update(combinations(sorted(codes), 2))
    largest = max(map(len, meetings), default=2)
    assert all(len(seen) <= 2 * (largest - 1) * WHOLE // 8_000 + 1 for seen in companions._with.values())
    due = {
        pair for pair, count in together.items()
        if count >= 3 and overlap_of(count, entered[pair[0]], entered[pair[1]]) >= 8_000
    }  # fmt: skip
    assert due <= set(companions.suspected(3))
