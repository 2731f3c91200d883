"""Periods in calendar months.

A term (a pause, a place on a list, a publication) begins at once and is counted from the next day; it ends with its last
day, at 24:00 in Beijing (Civil Code Art. 201-203). A window looks back, or forward, from one moment to another: what
happened in the last twelve months, how long points count.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from market.kernel.calendar import BEIJING, end_of_day, last_day

MONTHS_A_YEAR = 12


def term_end(start: datetime, months: int) -> datetime:
    """The end of a term of so many months that takes effect at `start`: 24:00 of the corresponding day. One that begins at
    the 24:00 of a day is counted from that day. A day off at its end moves nothing: a sanction would last longer than
    decided."""
    return end_of_day(_months_later(last_day(start), months))


def add_months(moment: datetime, months: int) -> datetime:
    """The other end of a window: the corresponding Beijing day at the same time, so many months later (or earlier)."""
    local = moment.astimezone(BEIJING)
    day = _months_later(local.date(), months)
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(moment.tzinfo)


def _months_later(day: date, months: int) -> date:
    """The day of the same number; the last of its month where that is too short (Civil Code Art. 202)."""
    years, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
