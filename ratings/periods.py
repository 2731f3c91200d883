"""Periods in calendar months, as terms, windows and pauses are counted."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

from market.kernel.calendar import BEIJING

MONTHS_A_YEAR = 12


def add_months(moment: datetime, months: int) -> datetime:
    """The same Beijing day and time so many months later (or earlier); the last day where the month is too short
    (Civil Code Art. 202)."""
    local = moment.astimezone(BEIJING)
    years, month = divmod(local.year * MONTHS_A_YEAR + local.month - 1 + months, MONTHS_A_YEAR)
    day = min(local.day, monthrange(years, month + 1)[1])
    return local.replace(year=years, month=month + 1, day=day).astimezone(moment.tzinfo)
