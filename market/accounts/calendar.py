"""The operator's corrections of the working-day calendar, each recorded in the public register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from market.kernel.calendar import Calendar, CalendarYearMissing
from market.kernel.db import transaction
from market.kernel.times import correct_day, open_year
from market.register.actions import record
from market.web.viewer import Viewer


@dataclass(frozen=True)
class YearView:
    """`known`: is this year's arrangement published or opened? Otherwise no deadline in it can be computed."""

    year: int
    known: bool


def year_view(calendar: Calendar, year: int) -> YearView:
    try:
        calendar.is_working(date(year, 5, 6))
    except CalendarYearMissing:
        return YearView(year, known=False)
    return YearView(year, known=True)


async def correct_calendar(day: date, *, working: bool, reason: str, acting: Viewer, now: datetime) -> None:
    assert acting.person_id is not None
    async with transaction():
        await correct_day(day, working=working, reason=reason, by=acting.person_id, now=now)
        await record(
            "calendar.corrected", subject=day.isoformat(), by=acting.organisation_code, at=now,
            data={"day": day.isoformat(), "working": working, "reason": reason},
        )  # fmt: skip


async def open_calendar_year(year: int, *, acting: Viewer, now: datetime) -> None:
    """Until the State Council's notice is out: weekends and the operator's corrections decide in this year."""
    assert acting.person_id is not None
    async with transaction():
        await open_year(year, by=acting.person_id, now=now)
        await record(
            "calendar.corrected", subject=str(year), by=acting.organisation_code, at=now,
            data={"year": year, "provisional": True},
        )  # fmt: skip
