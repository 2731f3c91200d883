"""When the clock of a milestone stops, and when it gets more time. Pure: numbers come from the rulebook, times as
arguments.

A stop counts from when it was asked for, once the other side has confirmed it; the working days that were left then are
left again when it ends. What is not answered in time has no effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.calendar import Calendar
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.contracts.rules import Side
from projects.fulfilment.rules import Turn

_INSTANT: Final = timedelta(microseconds=1)  # a limit at midnight belongs to the day before


class Kind(StrEnum):
    SUSPENSION = "suspension"
    EXTENSION = "extension"


CAUSES: Final = {
    "correction": N_("Correction of materials"),
    "expert-review": N_("Expert review"),
    "sampling": N_("Tests and sampling"),
    "site-not-ready": N_("Site not ready"),
    "force-majeure": N_("Force majeure"),
}


@dataclass(frozen=True)
class Change:
    """What happened to one request so far."""

    kind: Kind
    side: Side
    asked_at: datetime
    answer_due_at: datetime
    answer: str | None = None
    ended_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.answer is None

    @property
    def stops(self) -> bool:
        """Whether the clock stands for it now."""
        return (
            self.kind is Kind.SUSPENSION
            and self.answer == "agreed"
            and self.ended_at is None
            and self.revoked_at is None
        )


def check_asking(changes: Sequence[Change], turn: Turn, limit: datetime, *, now: datetime) -> None:
    """One request at a time, while the agency is on turn and its time is not over. Raises Refusal."""
    if turn is not Turn.DELIVERY:
        raise Refusal(
            "clock.not_running", N_("No clock of the agency is running now."),
            todo=N_("Time can be asked for while a delivery is waited for."),
        )  # fmt: skip
    if any(one.stops for one in changes):
        raise Refusal(
            "clock.stopped", N_("The clock stands already."), todo=N_("Say when the cause is over; then ask anew.")
        )
    if any(one.waits for one in changes):
        raise Refusal(
            "clock.asked", N_("A request about the time waits for its answer already."), todo=N_("Wait for the answer.")
        )
    if now >= limit:
        raise Refusal(
            "clock.time_over", N_("The time ended at {limit}; it can no longer be stopped or extended."),
            todo=N_("Deliver as soon as you can; how late it is will be recorded."), limit=limit,
        )  # fmt: skip


def check_answer(change: Change, side: Side, *, now: datetime) -> None:
    """The other side answers, within its time. Raises Refusal."""
    if change.side is side:
        raise Refusal(
            "clock.own_request", N_("The other side has to answer this request."), todo=N_("Wait for the answer.")
        )
    if not change.waits:
        raise Refusal(
            "clock.answered", N_("This request no longer waits for an answer."),
            todo=N_("Open the project to see how it stands."),
        )  # fmt: skip
    if now >= change.answer_due_at:
        raise Refusal(
            "clock.answer_time_over", N_("The time to answer this request ended at {due}."), due=change.answer_due_at,
            rule="fulfilment.suspension_answer_days", todo=N_("A new request can be made."),
        )  # fmt: skip


def check_delivering(changes: Sequence[Change]) -> None:
    if any(one.stops for one in changes):
        raise Refusal(
            "clock.stands", N_("The clock stands still; nothing is delivered meanwhile."),
            todo=N_("Say on the page of the time limit that the cause is over, then deliver."),
        )  # fmt: skip


def limit_after_stop(limit: datetime, stopped_at: datetime, resumed_at: datetime, *, calendar: Calendar) -> datetime:
    """The working days that were left when the clock stopped are left again, at least one."""
    left = calendar.working_days_between(stopped_at, limit - _INSTANT)
    return max(limit, calendar.add_working_days(resumed_at, max(left, 1)))


def limit_after_extension(limit: datetime, days: int, *, calendar: Calendar) -> datetime:
    return calendar.add_working_days(limit - _INSTANT, days)
