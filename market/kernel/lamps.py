"""The lamp on a waiting step: green, amber when little time is left, red when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from market.kernel.calendar import Calendar
from market.kernel.money import BASIS_POINTS

Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class LampRule:
    """Amber when at most `share` (basis points) of the working days, or at most `days` working days, remain."""

    share: int
    days: int


def lamp(now: datetime, since: datetime, due_at: datetime | None, *, calendar: Calendar, rule: LampRule) -> Colour:
    """`due_at` is half-open: at that instant the step is overdue. A step without a deadline stays green."""
    if due_at is None:
        return "green"
    if now >= due_at:
        return "red"
    last_moment = due_at - timedelta(microseconds=1)  # a period that ends at midnight belongs to the day before
    left = calendar.working_days_between(now, last_moment)
    total = calendar.working_days_between(since, last_moment)
    little = left <= rule.days or left * BASIS_POINTS <= total * rule.share
    return "amber" if little else "green"
