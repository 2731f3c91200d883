"""What a token may do. It acts as the person who made it, and never may more than that person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.web.viewer import OWNER_KINDS


class Scope(StrEnum):
    READ_OWN = "read:own"
    PROJECTS = "projects:write"
    BIDS = "bids:write"
    CONTRACTS = "contracts:write"
    PAYMENTS = "payments:write"
    RATINGS = "ratings:write"
    COMPLAINTS = "complaints:write"
    LISTS = "lists:import"


NAMES: Final[Mapping[Scope, str]] = {
    Scope.READ_OWN: N_("Read what your organisation may see"),
    Scope.PROJECTS: N_("Write, publish, change and withdraw notices"),
    Scope.BIDS: N_("Sign up and hand in sealed bids"),
    Scope.CONTRACTS: N_("Answer for contracts, deliver and accept"),
    Scope.PAYMENTS: N_("Start payments, answer for transfers, bonds and invoices"),
    Scope.RATINGS: N_("Rate and reply to ratings"),
    Scope.COMPLAINTS: N_("Object, complain, answer for disputes and cases"),
    Scope.LISTS: N_("Import lists of other authorities"),
}
_PARTIES: Final = OWNER_KINDS | {"agency"}
_HOLDERS: Final[Mapping[Scope, Collection[str]]] = {
    Scope.READ_OWN: _PARTIES | {"regulator", "operator"},
    Scope.PROJECTS: OWNER_KINDS,
    Scope.BIDS: {"agency"},
    Scope.CONTRACTS: _PARTIES,
    Scope.PAYMENTS: _PARTIES,
    Scope.RATINGS: _PARTIES | {"regulator", "operator"},
    Scope.COMPLAINTS: _PARTIES,
    Scope.LISTS: {"regulator", "operator"},
}
TERMS: Final = (30, 90, 180, 365)  # days
MOST_TOKENS: Final = 20
NAME_MAX: Final = 60


def scopes_for(kind: str) -> tuple[Scope, ...]:
    """Those that mean something to an organisation of this kind."""
    return tuple(scope for scope in Scope if kind in _HOLDERS[scope])


def writes(scopes: Collection[str]) -> bool:
    """Whoever holds such a token can bind the organisation: it takes a second factor to make one."""
    return any(scope != Scope.READ_OWN for scope in scopes)


def term_of(days: int) -> timedelta:
    return timedelta(days=days)


def refuse_more(alive: int) -> None:
    if alive >= MOST_TOKENS:
        raise Refusal(
            "token.too_many",
            N_("Your organisation has {most} tokens in use, which is the most there may be."),
            todo=N_("Revoke those that no program needs any more."),
            most=MOST_TOKENS,
        )


def in_use(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and now < expires_at
