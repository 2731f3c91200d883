"""What a flag rests on, side by side: the bids of one result on one scale, or what those concerned did in each project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from market.kernel.calendar import Calendar
from ratings.flags.queries.cases import cases_numbered
from ratings.flags.queries.desk import FlagView
from ratings.flags.screens.interface import WHOLE, Case

MOST_PROJECTS, MOST_PARTIES = 40, 4


@dataclass(frozen=True)
class BidRow:
    """`step_fen`: above the bid before; `share`: of the ceiling, in basis points; `place`: from 0 for the cheapest to
    10,000 for the dearest; `concerned`: whether the flag is about this bidder."""

    name: str
    price_fen: int
    step_fen: int | None
    share: int | None
    place: int
    won: bool
    concerned: bool


@dataclass(frozen=True)
class Part:
    """What one party did in a project; `price_fen`: of its valid bid; `withdrew`: after the close."""

    in_pool: bool
    price_fen: int | None
    won: bool
    withdrew: bool


@dataclass(frozen=True)
class Took:
    """One project; `parts`: what each of those concerned did in it."""

    number: str
    title: str
    method: str
    winner: str
    pool: int
    amount_fen: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Evidence:
    """`bids`: where the flag is about the bids of one result; `took`: where it is about several projects, `parties`
    naming the columns; `more`: projects that are left out."""

    bids: tuple[BidRow, ...] = ()
    took: tuple[Took, ...] = ()
    parties: tuple[str, ...] = ()
    more: int = 0

    def tells(self, names: Sequence[str]) -> bool:
        """Whether these are projects that stand side by side already."""
        return {one.title for one in self.took}.issuperset(names)


async def evidence_of(flag: FlagView, calendar: Calendar) -> Evidence:
    cases = await cases_numbered(flag.projects[:MOST_PROJECTS], calendar)
    codes = {party.code for party in flag.parties}
    if len(flag.projects) == 1:
        return Evidence(bids=bid_rows(cases[0], codes) if cases else ())
    agencies = [party for party in flag.parties if party.kind == "agency"][:MOST_PARTIES]
    return Evidence(
        took=tuple(_took(case, [party.code for party in agencies]) for case in cases),
        parties=tuple(party.name for party in agencies), more=max(len(flag.projects) - MOST_PROJECTS, 0),
    )  # fmt: skip


def bid_rows(case: Case, concerned: set[str]) -> tuple[BidRow, ...]:
    """Cheapest first."""
    bids = case.ordered
    if not bids:
        return ()
    low, span = bids[0].price_fen, bids[-1].price_fen - bids[0].price_fen
    steps = [None, *(second.price_fen - first.price_fen for first, second in pairwise(bids))]
    return tuple(
        BidRow(
            case.name_of(bid.code), bid.price_fen, step,
            bid.price_fen * WHOLE // case.ceiling_fen if case.ceiling_fen else None,
            (bid.price_fen - low) * WHOLE // span if span else 0, bid.code == case.winner, bid.code in concerned,
        )
        for bid, step in zip(bids, steps, strict=True)
    )  # fmt: skip


def _took(case: Case, codes: Sequence[str]) -> Took:
    pool, prices = {firm.code for firm in case.pool}, {bid.code: bid.price_fen for bid in case.bids}
    return Took(
        case.number, case.title, case.method, case.name_of(case.winner) if case.winner else "", len(case.pool),
        case.amount_fen,
        tuple(Part(code in pool, prices.get(code), code == case.winner, code in case.abandoned) for code in codes),
    )  # fmt: skip
