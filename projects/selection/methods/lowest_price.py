"""Lowest price (最低价中选): the lowest bid within the limits, equal ones drawn."""

from __future__ import annotations

from collections.abc import Iterable

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Unit
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import judge, one_of
from projects.selection.methods.terms import Entry, Terms

CODE = "lowest_price"


def sentence(terms: Terms) -> Message:
    return Message(N_("The lowest bid within the limits of the notice wins. Between equal lowest bids lots are drawn."))


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """Equal lowest bids are drawn with the purpose "tie"."""
    offers, rejected = judge(terms, entries)
    lines = tuple(Line(offer.code, offer.quoted, offer.price_fen) for offer in offers)
    counted = Figure("valid_bids", len(offers), Unit.COUNT)
    if len(offers) < terms.needed:
        return Decision(CODE, lines, rejected, (counted,), failure=Failure.TOO_FEW)
    equal = [offer for offer in offers if offer.low == offers[0].low]
    winner, lots = one_of(terms, equal, "tie", randomness)
    figures = (
        counted,
        Figure("lowest_price", offers[0].price_fen, Unit.FEN),
        Figure("equal_bids", len(equal), Unit.COUNT),
    )
    return Decision(CODE, lines, rejected, figures, lots, winner.code, winner.price_fen)


METHOD = Method(
    code=CODE,
    name=N_("Lowest price"),
    sentence=sentence,
    checkable=N_(
        "Every bid is published when all open together; the lowest can be seen, and a lot between equals can be computed again."
    ),
    needs=frozenset({Need.CEILING, Need.FLOOR}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("valid_bids", "lowest_price", "equal_bids"),
    purposes=("tie",),
)
