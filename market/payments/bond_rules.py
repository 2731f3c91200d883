"""What a bond may do: how it stands, what it holds back, and when what is left of it goes back.

`contract.performance_bond_share_max` of the rulebook limits it; a bank's guarantee is always taken in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.calendar import beijing_date
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.money import Money

# Alipay's, not a regulation's: how long a pre-authorisation is asked for.
LONGEST_BOND: Final = timedelta(days=180)
# How long before its end a new bond may take the place of one that runs out; then both sides are reminded.
REMINDED: Final = timedelta(days=21)
# A code that nobody scanned by then is given up; a freeze that comes later goes back at once.
CODE_LIVES: Final = timedelta(days=3)


class Mode(StrEnum):
    """How the market lets a bond be given, beside a bank's guarantee."""

    AUTHORISATION = "authorisation"
    RETENTION = "retention"
    GUARANTEE = "guarantee"


class Ended(StrEnum):
    DECLINED = "declined"
    WAIVED = "waived"
    RETURNED = "returned"
    SPENT = "spent"
    VOID = "void"


class BondStanding(StrEnum):
    ASKED = "asked"
    MISSING = "missing"
    OFFERED = "offered"
    GIVEN = "given"
    RETAINED = "retained"
    CLAIMED = "claimed"
    DECLINED = "declined"
    WAIVED = "waived"
    RETURNED = "returned"
    SPENT = "spent"
    VOID = "void"


@dataclass(frozen=True)
class BondFacts:
    """`frozen_until`: the latest end of a freeze of which something is left; `guaranteed_until`: the last day of a
    guarantee that the owner confirmed; `given_once`: it was given, whatever became of that; `offered`: a code or a
    guarantee waits for the next step."""

    mode: Mode
    ended: Ended | None = None
    frozen_until: datetime | None = None
    guaranteed_until: date | None = None
    due_at: datetime | None = None
    given_once: bool = False
    offered: bool = False
    claimed: bool = False


def bond_standing(facts: BondFacts, *, now: datetime) -> BondStanding:
    if facts.ended is not None:
        return BondStanding(str(facts.ended))
    if facts.claimed:
        return BondStanding.CLAIMED
    if _secures(facts, now):
        return BondStanding.GIVEN
    if facts.mode is Mode.RETENTION:
        return BondStanding.RETAINED
    if facts.offered:
        return BondStanding.OFFERED
    return BondStanding.MISSING if bond_is_missing(facts, now=now) else BondStanding.ASKED


def _secures(facts: BondFacts, now: datetime) -> bool:
    frozen = facts.frozen_until is not None and now < facts.frozen_until
    return frozen or (facts.guaranteed_until is not None and beijing_date(now) <= facts.guaranteed_until)


def bond_is_missing(facts: BondFacts, *, now: datetime) -> bool:
    """Whether it should be there and is not: its time to be given is over, or what was given ran out."""
    if facts.ended is not None or facts.mode is Mode.RETENTION or _secures(facts, now):
        return False
    return facts.given_once or (facts.due_at is not None and now >= facts.due_at)


def check_demand(*, amount_fen: int, price_fen: int, share_max: int) -> None:
    """`share_max` in basis points of the price. Raises Refusal."""
    most = Money(price_fen).share(share_max)
    if amount_fen > most.fen:
        raise Refusal(
            "bond.too_high", N_("A bond is at most {most} here."), rule="contract.performance_bond_share_max",
            todo=N_("Ask for less, or for none: most contracts need no bond."), most=most,
        )  # fmt: skip


def check_secured(*, missing: bool) -> None:
    """Whether a payment in advance may begin: not while the bond that secures it is missing. Raises Refusal."""
    if missing:
        raise Refusal(
            "bond.missing", N_("The bond that this contract asks for is missing, so nothing is paid in advance."),
            todo=N_("The agency gives the bond, or you waive it on the page of the contract's bond."),
        )  # fmt: skip


def retained_is_small_enough(*, last_fen: int, price_fen: int, share_max: int) -> bool:
    """Whether the last payment may be held back as a bond: it must not be more than a bond may be."""
    return last_fen <= Money(price_fen).share(share_max).fen


def check_guarantee(*, amount_fen: int, demanded_fen: int, valid_until: date, now: datetime) -> None:
    """Raises Refusal."""
    if amount_fen < demanded_fen:
        raise Refusal(
            "bond.guarantee_too_small", N_("The guarantee must cover {amount}."), amount=Money(demanded_fen),
            todo=N_("Ask the bank for a guarantee of the whole amount."),
        )  # fmt: skip
    if valid_until <= beijing_date(now):
        raise Refusal(
            "bond.guarantee_over", N_("This guarantee is not valid any more."),
            todo=N_("Hand in one that is valid until the contract is performed."),
        )  # fmt: skip


def check_claim(*, amount_fen: int, left_fen: int, ended: bool, open_claim: bool) -> None:
    """Raises Refusal."""
    if ended or left_fen == 0:
        raise Refusal("bond.nothing_left", N_("Nothing of this bond is left to claim."))
    if open_claim:
        raise Refusal(
            "bond.claimed_already", N_("A claim on this bond waits for its answer already."),
            todo=N_("Wait until it is answered or ruled."),
        )  # fmt: skip
    if amount_fen > left_fen:
        raise Refusal("bond.too_small", N_("Only {left} of this bond is left."), left=Money(left_fen))
