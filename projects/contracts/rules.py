"""Signing: who still has to sign, until when, and what follows when somebody does not.

Numbers of days come from the rulebook that the project was posted under; nothing here knows one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.calendar import Calendar
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_


class Side(StrEnum):
    OWNER = "owner"
    AGENCY = "agency"

    @property
    def other(self) -> Side:
        return Side.AGENCY if self is Side.OWNER else Side.OWNER


class State(StrEnum):
    SIGNING = "signing"
    IN_FORCE = "in_force"
    ENDED = "ended"


class Ending(StrEnum):
    """Why a contract never came into force."""

    AGENCY_REFUSED = "agency_refused"
    OWNER_REFUSED = "owner_refused"
    LAPSED = "lapsed"
    ANNULLED = "annulled"


class Aftermath(StrEnum):
    """What becomes of the project: a further draw among the rest, or its end."""

    REDRAW = "redraw"
    TERMINATE = "terminate"


REFUSED: Final = {Side.OWNER: Ending.OWNER_REFUSED, Side.AGENCY: Ending.AGENCY_REFUSED}
_INSTANT: Final = timedelta(microseconds=1)  # a period that ends at midnight belongs to the day before
Numbers = Callable[[str], int]  # a rulebook's `integer`


@dataclass(frozen=True)
class Facts:
    """What happened to a contract so far; its state follows. `held_since`: signing stands still for a complaint."""

    sign_due_at: datetime
    owner_signed_at: datetime | None = None
    agency_signed_at: datetime | None = None
    in_force_at: datetime | None = None
    ended: Ending | None = None
    ended_at: datetime | None = None
    held_since: datetime | None = None

    def signed_at(self, side: Side) -> datetime | None:
        return self.owner_signed_at if side == Side.OWNER else self.agency_signed_at


@dataclass(frozen=True)
class Step:
    """Something that is waited for: what, from whom, since when and until when."""

    kind: str
    who: tuple[Side, ...]
    since: datetime
    due_at: datetime


@dataclass(frozen=True)
class Cost:
    """One thing that an act costs, and the rulebook key that says so."""

    message: Message
    rule: str


def state_of(facts: Facts) -> State:
    if facts.ended is not None:
        return State.ENDED
    return State.IN_FORCE if facts.in_force_at is not None else State.SIGNING


def missing(facts: Facts) -> tuple[Side, ...]:
    """The sides that have not signed, owner first."""
    return tuple(side for side in Side if facts.signed_at(side) is None)


def check_signing(facts: Facts, side: Side, *, now: datetime) -> bool:
    """True when this side's signature is wanted now, False when it is already there (the same form sent twice).
    Raises Refusal when the contract can no longer be signed."""
    if facts.ended is None and facts.signed_at(side) is not None:
        return False
    _check_open(facts, now=now)
    return True


def sign(facts: Facts, side: Side, *, now: datetime) -> Facts:
    """The facts after this side signed: with the second signature the contract is in force."""
    by_owner = side is Side.OWNER
    signed = replace(facts, owner_signed_at=now) if by_owner else replace(facts, agency_signed_at=now)
    return signed if missing(signed) else replace(signed, in_force_at=now)


def check_refusal(facts: Facts, side: Side, *, now: datetime) -> None:
    """Whoever has signed is bound by it until the time to sign is over. Raises Refusal."""
    if facts.ended is None and facts.signed_at(side) is not None:
        raise Refusal(
            "contract.signed_cannot_refuse",
            N_("Your side signed this contract at {at}; a signature cannot be taken back."),
            todo=N_("If you believe that it came about unlawfully, turn to the market operator."),
            at=facts.signed_at(side),
        )  # fmt: skip
    _check_open(facts, now=now)


def _check_open(facts: Facts, *, now: datetime) -> None:
    if state_of(facts) is State.IN_FORCE:
        raise Refusal(
            "contract.in_force", N_("Both sides have signed; the contract has been in force since {at}."),
            todo=N_("Open the contract to see what comes next."), at=facts.in_force_at,
        )  # fmt: skip
    if state_of(facts) is State.ENDED:
        raise Refusal(
            "contract.ended", N_("This contract came to its end at {at}, before both sides had signed."),
            todo=N_("Open the project to see how it goes on."), at=facts.ended_at,
        )  # fmt: skip
    if facts.held_since is not None:
        raise Refusal(
            "contract.suspended",
            N_("Signing has been suspended since {since}: a complaint about the result is with the regulator."),
            rule="complaint.suspends_from_filing", since=facts.held_since,
            todo=N_("Nothing has to be done before it is decided; the time to sign stands still until then."),
        )  # fmt: skip
    if now >= facts.sign_due_at:
        raise Refusal(
            "contract.sign_time_over", N_("The time to sign ended at {due}; your form arrived at {now}."),
            rule="contract.sign_days", todo=N_("Open the project to see how it goes on."), due=facts.sign_due_at, now=now,
        )  # fmt: skip


def check_paper(facts: Facts, *, now: datetime) -> None:
    """A contract signed by hand may be sent until both have signed. Raises Refusal."""
    _check_open(facts, now=now)


def check_draft(facts: Facts, *, now: datetime) -> None:
    """Terms may be proposed and agreed until the first signature. Raises Refusal."""
    _check_open(facts, now=now)
    if len(missing(facts)) < len(Side):
        raise Refusal(
            "contract.half_signed", N_("One side has signed; the terms are fixed."),
            todo=N_("Sign the contract as it is, or refuse to."),
        )  # fmt: skip


def is_lapsed(facts: Facts, *, now: datetime) -> bool:
    """The deadline is half-open: at that instant the time to sign is over."""
    return state_of(facts) is State.SIGNING and facts.held_since is None and now >= facts.sign_due_at


def due_after_hold(sign_due_at: datetime, held_since: datetime, now: datetime, *, calendar: Calendar) -> datetime:
    """Until when a contract is to be signed after signing was suspended: the working days that were left then are left
    again, at least one."""
    left = calendar.working_days_between(held_since, sign_due_at - _INSTANT)
    return calendar.add_working_days(now, max(left, 1))


def after_refusal(side: Side) -> Aftermath:
    """When the winner refuses, the others of the pool get their chance; an owner who refuses ends the project."""
    return Aftermath.REDRAW if side is Side.AGENCY else Aftermath.TERMINATE


def after_lapse(sides: tuple[Side, ...]) -> Aftermath:
    """An agency that let the time pass is replaced, whether or not the owner had signed; where only the owner's
    signature is missing the owner has declined its own result, and the project ends."""
    return Aftermath.REDRAW if Side.AGENCY in sides else Aftermath.TERMINATE


def signing_step(facts: Facts, *, since: datetime) -> Step | None:
    if state_of(facts) is not State.SIGNING or facts.held_since is not None:
        return None
    return Step("sign", missing(facts), since, facts.sign_due_at)


def costs_of_refusal(side: Side, number: Numbers) -> tuple[Cost, ...]:
    """What refusing to sign costs this side under the rulebook; letting the time pass costs the same."""
    return _costs_of_agency(number) if side is Side.AGENCY else _costs_of_owner(number)


def _costs_of_agency(number: Numbers) -> tuple[Cost, ...]:
    return (
        Cost(
            Message(
                N_("Your credit score loses {points} points."), {"points": number("credit.deduct.sign_refused.points")}
            ),
            "credit.deduct.sign_refused.points",
        ),
        Cost(
            Message(
                N_("{times} refusals within {window} months: no new sign-ups for {months} months."),
                {
                    "times": number("pause.sign_refused.times"),
                    "window": number("pause.sign_refused.window"),
                    "months": number("pause.sign_refused.months"),
                },
            ),
            "pause.sign_refused.times",
        ),
    )


def _costs_of_owner(number: Numbers) -> tuple[Cost, ...]:
    window = number("owner.window_months")
    return (
        Cost(
            Message(N_("The refusal counts as a breach on your record; after {times} you are reminded in public."),
                    {"times": number("owner.remind_after")}),
            "owner.remind_after",
        ),
        Cost(
            Message(
                N_("{times} breaches within {window} months: you cannot post projects for {months} months."),
                {"times": number("owner.pause_after"), "window": window, "months": number("owner.pause_months")},
            ),
            "owner.pause_after",
        ),
    )  # fmt: skip


def contract_number(project_number: str, round_no: int) -> str:
    """One contract an award, so the round's number makes it unique: MX-2026-000123-C1."""
    return f"{project_number}-C{round_no}"
