"""Who may come in, and how often one may try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market.kernel.errors import Refusal, Throttled
from market.kernel.i18n import N_

# What people can open an account as by themselves. Regulators and operators are set up by the operator.
SELF_SERVICE_KINDS: Final = ("enterprise", "public_body", "natural_person", "agency", "expert")
KIND_NAMES: Final = {
    "enterprise": N_("Enterprise"),
    "public_body": N_("Public body"),
    "natural_person": N_("Natural person"),
    "agency": N_("Agency"),
    "expert": N_("Expert"),
    "regulator": N_("Regulator"),
    "operator": N_("Operator"),
}
ROLE_NAMES: Final = {
    "admin": N_("Administrator"),
    "handler": N_("Handler"),
    "signatory": N_("Signatory"),
}
PASSWORD_LENGTH: Final = (10, 200)
WINDOW: Final = timedelta(minutes=15)
TRIES_OF_LOGIN: Final = 5
TRIES_OF_ADDRESS: Final = 50


def refuse_too_many(login_failures: list[datetime], address_failures: list[datetime]) -> None:
    """Five wrong passwords for one name, or fifty from one address, within a quarter of an hour: a pause.
    The lists hold the failures within the window, oldest first."""
    if len(login_failures) >= TRIES_OF_LOGIN:
        _pause(login_failures[-TRIES_OF_LOGIN] + WINDOW)
    if len(address_failures) >= TRIES_OF_ADDRESS:
        _pause(address_failures[-TRIES_OF_ADDRESS] + WINDOW)


def _pause(until: datetime) -> None:
    raise Throttled(
        "sign_in.throttled",
        N_("Too many failed attempts to sign in. You can try again at {until}."),
        todo=N_("If you forgot the password, ask an administrator of your organisation for a new one."),
        until=until,
    )


def refuse_without_admin(admins_left: int) -> None:
    """An organisation always keeps somebody who can manage its people."""
    if admins_left < 1:
        raise Refusal(
            "colleague.last_admin",
            N_("This is the only administrator of your organisation."),
            todo=N_("Make a colleague administrator first."),
        )
