"""Delivery and acceptance: how late a delivery is, what may be answered to it, and what silence does.

The numbers are terms of the contract; times are arguments; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.calendar import Calendar, beijing_date, end_of_day
from market.kernel.errors import Refusal
from market.kernel.i18n import N_

_INSTANT: Final = timedelta(microseconds=1)


class Decision(StrEnum):
    ACCEPTED = "accepted"
    RETURNED = "returned"
    BY_SILENCE = "accepted_by_silence"


ACCEPTING: Final = frozenset({Decision.ACCEPTED, Decision.BY_SILENCE})


@dataclass(frozen=True)
class AnswerTerms:
    """The terms of acceptance of one contract, in working days."""

    silence_days: int
    reminder_days: tuple[int, ...]
    returns_max: int
    correction_days: int


@dataclass(frozen=True)
class Delivered:
    """What happened to one delivery so far. `correction_due_at` is set where it was returned."""

    delivered_at: datetime
    answer_due_at: datetime
    reminded: int = 0
    remind_at: datetime | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None
    correction_due_at: datetime | None = None
    no: int = 0


class Turn(StrEnum):
    """What is waited for."""

    DELIVERY = "deliver"
    ANSWER = "accept"
    NOTHING = ""


def late_days(due_at: datetime, delivered_at: datetime, *, calendar: Calendar) -> int:
    """Working days from the last day of the limit to the day of delivery; 0 in time. A delivery after the limit is at
    least one day late, also when no working day lies between."""
    if delivered_at < due_at:
        return 0
    # The limit ends at midnight: its last day is the one that this midnight ends.
    return max(calendar.working_days_between(due_at - _INSTANT, delivered_at), 1)


def turn_of(deliveries: Sequence[Delivered]) -> Turn:
    """Whose turn it is, from the deliveries in their order."""
    if not deliveries or deliveries[-1].decision is Decision.RETURNED:
        return Turn.DELIVERY
    return Turn.ANSWER if deliveries[-1].decision is None else Turn.NOTHING


def current_limit(contract_due_at: datetime, deliveries: Sequence[Delivered]) -> datetime:
    """Until when the agency has to deliver: the contract's limit, or after a return that of the correction."""
    limits = [d.correction_due_at for d in deliveries if d.correction_due_at is not None]
    return limits[-1] if limits else contract_due_at


def correction_limit(current: datetime, returned_at: datetime, terms: AnswerTerms, *, calendar: Calendar) -> datetime:
    """What is left of the time, but never less than the time for a correction: the owner's checking costs the agency
    nothing, and an early delivery that is returned loses nothing either."""
    return max(current, calendar.add_working_days(returned_at, terms.correction_days))


def returns_so_far(deliveries: Sequence[Delivered]) -> int:
    return sum(d.decision is Decision.RETURNED for d in deliveries)


def check_delivery(deliveries: Sequence[Delivered]) -> None:
    """One delivery at a time. Raises Refusal."""
    match turn_of(deliveries):
        case Turn.ANSWER:
            raise Refusal(
                "delivery.waits", N_("Delivery {no} has been with the owner since {at} and is not answered yet."),
                todo=N_("Wait for the answer; after a return you can deliver again."), no=deliveries[-1].no,
                at=deliveries[-1].delivered_at,
            )  # fmt: skip
        case Turn.NOTHING:
            raise Refusal(
                "delivery.accepted", N_("The service was accepted at {at}; nothing more can be delivered."),
                todo=N_("Open the project to see how it goes on."), at=deliveries[-1].decided_at,
            )  # fmt: skip


def check_accepting(deliveries: Sequence[Delivered]) -> bool:
    """True when the last delivery waits for its answer, False when it is already accepted (the same form sent twice)."""
    if turn_of(deliveries) is Turn.NOTHING:
        return False
    _check_waits(deliveries)
    return True


def check_return(deliveries: Sequence[Delivered], terms: AnswerTerms, *, now: datetime) -> None:
    """Raises Refusal when nothing waits for an answer, the time to answer is over, or the returns are used up."""
    _check_waits(deliveries)
    last = deliveries[-1]
    if now >= last.answer_due_at:
        raise Refusal(
            "delivery.answer_time_over", N_("The time to return this delivery ended at {due}; your form arrived at {now}."),
            rule="acceptance.silence_days", todo=N_("By the contract, silence accepts a delivery."),
            due=last.answer_due_at, now=now,
        )  # fmt: skip
    if returns_so_far(deliveries) >= terms.returns_max:
        raise Refusal(
            "delivery.returns_used_up", N_("By the contract a delivery can be returned {times} times, and it was."),
            rule="acceptance.returns_max",
            todo=N_("Accept the delivery, or turn to the regulator with your reasons."), times=terms.returns_max,
        )  # fmt: skip


def _check_waits(deliveries: Sequence[Delivered]) -> None:
    if turn_of(deliveries) is Turn.ANSWER:
        return
    if deliveries:
        raise Refusal(
            "delivery.answered", N_("Delivery {no} was already answered at {at}."),
            todo=N_("Open the project to see how it goes on."), no=deliveries[-1].no, at=deliveries[-1].decided_at,
        )  # fmt: skip
    raise Refusal(
        "delivery.none", N_("Nothing has been delivered yet."), todo=N_("Wait for the agency's delivery."),
    )  # fmt: skip


def reminder_at(delivered_at: datetime, reminded: int, terms: AnswerTerms, *, calendar: Calendar) -> datetime | None:
    """When the next reminder is due: the beginning of the n-th working day after delivery; None when all are sent."""
    days = sorted(terms.reminder_days)
    if reminded >= len(days):
        return None
    end = calendar.add_working_days(delivered_at, days[reminded])
    return end_of_day(beijing_date(end - _INSTANT) - timedelta(days=1))


def after_reminder(delivered: Delivered, terms: AnswerTerms, *, now: datetime, calendar: Calendar) -> Delivered:
    """The facts after one more reminder was sent. One that comes late (the site was down) moves the end of the time
    to answer, so that a whole working day always lies between the last reminder and acceptance by silence."""
    reminded = delivered.reminded + 1
    return Delivered(
        delivered_at=delivered.delivered_at,
        answer_due_at=max(delivered.answer_due_at, calendar.add_working_days(now, 1)),
        reminded=reminded,
        remind_at=reminder_at(delivered.delivered_at, reminded, terms, calendar=calendar),
        no=delivered.no,
    )


def silence_accepts(delivered: Delivered, *, now: datetime) -> bool:
    """Only when every reminder was sent and the time to answer is over."""
    return delivered.decision is None and delivered.remind_at is None and now >= delivered.answer_due_at
