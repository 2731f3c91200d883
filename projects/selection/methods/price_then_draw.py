"""Price, then draw (竞价加抽取): the lowest bids make a shortlist, and the winner is drawn from it."""

from __future__ import annotations

from collections.abc import Iterable

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.selection.draw import entrants_of
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Note, Unit, lot
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import cheapest, judge
from projects.selection.methods.terms import Entry, Terms

CODE = "price_then_draw"


def sentence(terms: Terms) -> Message:
    return Message(
        N_("The {keep} lowest bids within the limits enter a draw with equal chances; between equal bids at the last place lots are drawn first. The winner's own bid is the price."),
        {"keep": terms.numbers.keep},
    )  # fmt: skip


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """Lots: "shortlist" where equal bids stand at the last place, "award" for the winner."""
    offers, rejected = judge(terms, entries)
    counted = Figure("valid_bids", len(offers), Unit.COUNT)
    if len(offers) < terms.needed:
        lines = tuple(Line(offer.code, offer.quoted, offer.price_fen) for offer in offers)
        return Decision(CODE, lines, rejected, (counted,), failure=Failure.TOO_FEW)
    chosen, lots = cheapest(terms, offers, terms.numbers.keep, "shortlist", randomness)
    award = lot(terms, "award", entrants_of(chosen), randomness)
    winner = next(offer for offer in offers if offer.code == award.winners[0])
    lines = tuple(
        Line(offer.code, offer.quoted, offer.price_fen,
             Note.SHORTLISTED if offer.code in chosen else Note.NOT_SHORTLISTED)
        for offer in offers
    )  # fmt: skip
    figures = (counted, Figure("shortlisted", len(chosen), Unit.COUNT))
    return Decision(CODE, lines, rejected, figures, (*lots, award), winner.code, winner.price_fen)


METHOD = Method(
    code=CODE,
    name=N_("Price, then draw"),
    sentence=sentence,
    checkable=N_(
        "Every bid is published when all open together; the shortlist can be seen, and each lot can be computed again."
    ),
    needs=frozenset({Need.CEILING}),
    entry=EntryKind.SEALED_BID,
    opens=Opens.AT_ROUND,
    decide=decide,
    figures=("valid_bids", "shortlisted"),
    purposes=("shortlist", "award"),
)
