"""A worked example of every method: the method itself decides among six invented agencies. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from projects.selection.methods.decision import Decision
from projects.selection.methods.method import Method, Need
from projects.selection.methods.terms import (
    BiddingTerms,
    Entry,
    Limits,
    MeritCriterion,
    MeritTerms,
    Numbers,
    Terms,
)

CODES: Final = ("A", "B", "C", "D", "E", "F")
BIDS: Final = (8_000_000, 8_500_000, 8_800_000, 9_000_000, 9_200_000, 9_900_000)
_CEILING, _FLOOR, _PRICE = 10_000_000, 6_000_000, 9_000_000
# Invented: an example has no round of the beacon.
RANDOMNESS: Final = hashlib.sha256(b"an example of a method of selection").digest()
# Two criteria, three experts: the marks of each agency, a row for each expert.
_MARKS: Final = (
    ((70, 75), (72, 70), (68, 74)), ((86, 90), (84, 88), (90, 92)), ((80, 82), (78, 84), (82, 80)),
    ((92, 94), (90, 90), (88, 96)), ((60, 70), (65, 66), (62, 68)), ((95, 90), (92, 94), (96, 92)),
)  # fmt: skip
_CREDIT: Final = (100, 92, None, 98, 85, 105)
# The best live bid of each round in which an agency bid; what its sealed reserve price was.
_LIVE: Final = (
    (9_600_000, 9_000_000), (9_500_000, 8_900_000, 8_500_000), (), (9_400_000,), (9_200_000, 9_100_000, 8_950_000), (),
)  # fmt: skip
_RESERVES: Final = (None, None, 8_400_000, 8_800_000, None, 9_300_000)


@dataclass(frozen=True)
class Example:
    """What was handed in, and what the method makes of it."""

    terms: Terms
    entries: Sequence[Entry]
    decision: Decision


def example_of(method: Method, numbers: Numbers, bidding: BiddingTerms) -> Example | None:
    """Under the rulebook's numbers. None where the notice itself names the agency: there is nothing to decide."""
    if method.alone:
        return None
    terms = Terms(
        project="MX-2026-000000", chain="0" * 64, round=1, minimum=3, numbers=numbers,
        price_fen=_PRICE if Need.FIXED_PRICE in method.needs else None,
        limits=Limits(_CEILING, _FLOOR) if Need.CEILING in method.needs else None,
        bidding=bidding if method.live else None, merit=_MERIT if Need.CRITERIA in method.needs else None,
    )  # fmt: skip
    entries = [_entry(method, place) for place in range(len(CODES))]
    return Example(terms, entries, method.run(terms, entries, RANDOMNESS))


_MERIT: Final = MeritTerms(
    criteria=(MeritCriterion(1, "1", 4000), MeritCriterion(2, "2", 2000)), price_weight=3000, credit_weight=1000,
    credit_full=100, credit_neutral=85, panel_size=3,
)  # fmt: skip


def _entry(method: Method, place: int) -> Entry:
    if method.live:
        return Entry(CODES[place], live=_LIVE[place], reserve=_RESERVES[place])
    if Need.CRITERIA in method.needs:
        return Entry(CODES[place], BIDS[place], marks=_MARKS[place], credit=_CREDIT[place])
    return Entry(CODES[place], BIDS[place] if Need.CEILING in method.needs else None)
