"""Average price (平均价选取): the bid nearest to the mean of all valid bids."""

from __future__ import annotations

from collections.abc import Iterable

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import divide_half_up
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Unit
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import judge, nearest
from projects.selection.methods.terms import Entry, Terms

CODE = "average_price"


def sentence(terms: Terms) -> Message:
    return Message(
        N_(
            "The bid nearest to the mean of all valid bids wins, at equal distance the lower one, then by lot. No bid is left out."
        )
    )


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """The mean is rounded half up to the fen; equal bids are drawn with the purpose "tie"."""
    offers, rejected = judge(terms, entries)
    counted = Figure("valid_bids", len(offers), Unit.COUNT)
    if len(offers) < terms.needed:
        lines = tuple(Line(offer.code, offer.quoted, offer.price_fen) for offer in offers)
        return Decision(CODE, lines, rejected, (counted,), failure=Failure.TOO_FEW)
    total = sum(offer.price_fen for offer in offers)
    mean = divide_half_up(total, len(offers))
    winner, lots = nearest(terms, offers, mean, randomness)
    lines = tuple(
        Line(offer.code, offer.quoted, offer.price_fen, distance_fen=abs(offer.price_fen - mean)) for offer in offers
    )
    figures = (counted, Figure("total", total, Unit.FEN), Figure("mean", mean, Unit.FEN))
    return Decision(CODE, lines, rejected, figures, lots, winner.code, winner.price_fen)


METHOD = Method(
    code=CODE,
    name=N_("Average price"),
    sentence=sentence,
    checkable=N_("Every bid is published when all open together; the mean and each distance can be computed again."),
    needs=frozenset({Need.CEILING}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("valid_bids", "total", "mean"),
    purposes=("tie",),
)
