"""Invented cases for the tests of screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from market.catalogue import files
from ratings.flags.screens import SCREENS
from ratings.flags.screens.interface import Bid, Case, Firm, History, Lead, Numbers

MOMENT = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
A, B, C, D, E = (f"91370202000000{number:04d}" for number in range(1, 6))
CODES = (A, B, C, D, E)


def firm(code: str, **known: Any) -> Firm:
    given = {
        "phone": f"0532-{code[-4:]}",
        "address": f"海尔路{code[-4:]}号",
        "legal_representative": f"法人{code[-4:]}",
    }
    return Firm(code, f"机构{code[-4:]}", **{**given, **known})


def case(number: str = "P1", prices: dict[str, int] | None = None, **known: Any) -> Case:
    """A project with a published result; the cheapest of `prices` won."""
    bids = tuple(Bid(code, price) for code, price in (prices or {}).items())
    winner = min(bids, key=lambda bid: bid.price_fen).code if bids else None
    made = Case(
        number, f"项目{number}", "OWNER", "某局", "lowest_price" if bids else "draw", frozenset({"C001"}), MOMENT, True, 10, 5,
        pool=tuple(firm(bid.code) for bid in bids), bids=bids, winner=winner,
        entries={"project.published": 1, "pool.frozen": 2, "selection.decided": 3},
    )  # fmt: skip
    return replace(made, **known)


def priced(*prices: int, **known: Any) -> Case:
    return case(prices=dict(zip([f"F{place:03d}" for place in range(len(prices))], prices, strict=True)), **known)


@cache
def numbers() -> Numbers:
    """All that the rulebook of this market says."""
    book = files.read_rulebook(files.rulebook_files()[0])
    return {key: int(book.rule(key).values[0]) for screen in SCREENS.values() for key in screen.rules}


def leads(screen: str, *cases: Case, **known: Any) -> list[Lead]:
    return list(SCREENS[screen].find(History(cases, period="2026", **known), numbers()))
