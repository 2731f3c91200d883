"""The forms of selection: signing up, objecting, answering."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from agencies.queries import AuthorisedPerson
from agencies.rules import HeldPractitioner
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.selection.actions import Answer, SignUpOffer
from projects.selection.rules import Decision, Remedy

LABELS: Final[Mapping[str, str]] = {
    "authorised_person": N_("Authorised person"),
    "practitioners": N_("Practitioners"),
    "agreed": N_("Your declaration"),
    "grounds": N_("What you object to, and why"),
    "decision": N_("Decision"),
    "remedy": N_("What follows"),
    "exclude": N_("Agency that is left out"),
    "answer": N_("Reasons of the decision"),
    "legal_cause": N_("Provision it rests on"),
    "statement": N_("Your statement"),
}
GROUNDS_MIN, GROUNDS_MAX = 20, 4000
ANSWER_MIN, ANSWER_MAX = 20, 4000
LEGAL_CAUSE_MIN, LEGAL_CAUSE_MAX = 4, 300


def parse_offer(
    form: FormMultiDict, *, people: Sequence[AuthorisedPerson], practitioners: Sequence[HeldPractitioner], needed: int
) -> SignUpOffer:
    """Who acts and who would work; both out of the agency's own accepted people. Raises FormInvalid."""
    fields = Fields(form)
    person = fields.choice("authorised_person", LABELS["authorised_person"], {str(one.id) for one in people})
    chosen = fields.choices(
        "practitioners", LABELS["practitioners"], {str(one.id) for one in practitioners}, required=needed > 0
    )
    if 0 < len(chosen) < needed:
        fields.wrong(
            "practitioners",
            N_("Choose at least {needed}; you have chosen {chosen}."),
            needed=needed,
            chosen=len(chosen),
        )
    if not fields.flag("agreed"):
        fields.wrong("agreed", N_("Please confirm that you have read the notice and want to take part."))
    fields.check()
    return SignUpOffer(UUID(person), tuple(UUID(one) for one in chosen))


def read_offer(fields: Fields) -> SignUpOffer:
    """The same for a bid; whether these people are the agency's own and enough, its act decides."""
    person = fields.identifier("authorised_person", LABELS["authorised_person"])
    chosen = fields.choices("practitioners", LABELS["practitioners"], required=False)
    if not fields.flag("agreed"):
        fields.wrong("agreed", N_("Please confirm that you have read the notice and want to take part."))
    try:
        return SignUpOffer(person or UUID(int=0), tuple(UUID(one) for one in chosen))
    except ValueError:
        fields.wrong("practitioners", N_("{label}: choose one of the options."), label=Message(LABELS["practitioners"]))
        return SignUpOffer(UUID(int=0))


def parse_grounds(form: FormMultiDict) -> str:
    fields = Fields(form)
    grounds = fields.text("grounds", LABELS["grounds"], min_length=GROUNDS_MIN, max_length=GROUNDS_MAX)
    fields.check()
    return grounds


def parse_statement(form: FormMultiDict) -> str:
    fields = Fields(form)
    statement = fields.text("statement", LABELS["statement"], min_length=GROUNDS_MIN, max_length=GROUNDS_MAX)
    fields.check()
    return statement


def parse_answer(
    form: FormMultiDict, *, pool: Collection[str], ids: Mapping[str, UUID], offered: Collection[Remedy]
) -> Answer:
    """`pool`: codes of the agencies in the selection; a further one leaves one of them out, where there are others.
    Raises FormInvalid."""
    fields = Fields(form)
    decision = fields.choice("decision", LABELS["decision"], set(Decision))
    upheld = decision == Decision.UPHELD
    remedy = fields.choice("remedy", LABELS["remedy"], set(offered), required=upheld)
    redraw = upheld and remedy == Remedy.REDRAW and Remedy.REOPEN in offered
    exclude = fields.choice("exclude", LABELS["exclude"], pool, required=redraw)
    text = fields.text("answer", LABELS["answer"], min_length=ANSWER_MIN, max_length=ANSWER_MAX)
    legal_cause = fields.text(
        "legal_cause", LABELS["legal_cause"], min_length=LEGAL_CAUSE_MIN, max_length=LEGAL_CAUSE_MAX
    )
    fields.check()
    left_out = ids[exclude] if redraw else None
    return Answer(Decision(decision), text, legal_cause, Remedy(remedy) if upheld else None, left_out)
