"""Who acts for an agency and who would work, as it signs up or bids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from agencies.queries import AuthorisedPerson
from agencies.rules import HeldPractitioner
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.selection.sign_ups.actions import SignUpOffer

LABELS: Final[Mapping[str, str]] = {
    "authorised_person": N_("Authorised person"),
    "practitioners": N_("Practitioners"),
    "agreed": N_("Your declaration"),
}


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
