"""Random draw (随机抽取): a fixed price, and every eligible sign-up in one draw."""

from __future__ import annotations

from collections.abc import Iterable

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.selection.draw import Entrant
from projects.selection.methods.decision import Decision, Failure, Figure, Line, Unit, lot
from projects.selection.methods.method import EntryKind, Method, Need, Opens
from projects.selection.methods.offers import once
from projects.selection.methods.terms import Entry, Terms, TermsInvalid

CODE = "draw"


def sentence(terms: Terms) -> Message:
    return Message(
        N_(
            "The price is fixed by the notice. One of the eligible agencies that signed up is drawn; every ticket has the same chance."
        )
    )


def decide(terms: Terms, entries: Iterable[Entry], randomness: bytes) -> Decision:
    """One draw with the purpose "award"; the winner gets the contract at the fixed price."""
    if terms.price_fen is None:
        raise TermsInvalid("a draw has a fixed price")
    pool = once(entries)
    lines = tuple(Line(entry.code, None, terms.price_fen) for entry in pool)
    counted = (Figure("entries", len(pool), Unit.COUNT),)
    if len(pool) < terms.needed:
        return Decision(CODE, lines, figures=counted, failure=Failure.TOO_FEW)
    drawn = lot(terms, "award", (Entrant(entry.code, entry.tickets) for entry in pool), randomness)
    return Decision(
        CODE, lines, figures=counted, lots=(drawn,), winner=drawn.winners[0], price_fen=terms.price_fen
    )  # fmt: skip


METHOD = Method(
    code=CODE,
    name=N_("Random draw"),
    sentence=sentence,
    checkable=N_(
        "The list of agencies, its hash, and every ticket can be computed again from the beacon round named in the notice."
    ),
    needs=frozenset({Need.FIXED_PRICE}),
    entry=EntryKind.SIGN_UP,
    opens=Opens.AT_CLOSE,
    decide=decide,
    figures=("entries",),
    purposes=("award",),
)
