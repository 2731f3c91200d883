"""Working days of the market: China's public calendar with make-up workdays, and the operator's own corrections.

Legal periods in working days do not count the day of the event and end with the last day (民法典 Art. 201);
they end at midnight in Beijing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

BEIJING = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)


class CalendarYearMissing(Exception):
    """The holiday arrangement of this year is not published yet: the operator has to enter it, nobody may guess."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no published working-day calendar for {year}")
        self.year = year


@lru_cache(maxsize=64)
def _published(year: int) -> tuple[frozenset[date], frozenset[date]] | None:
    """(days off, make-up workdays) of a year as the State Council published it, None while it has not.

    Every published arrangement moves some working days, so a year without moved days is a forecast.
    """
    china = holidays.country_holidays("CN", years=[year])
    moved = frozenset(day for day in china.weekend_workdays if day.year == year)
    if not moved:
        return None
    return frozenset(china.keys()), moved


@dataclass(frozen=True)
class Calendar:
    """`overrides`: the operator's corrections, date -> is a working day. `provisional`: years the operator has opened
    although they are not published; in them weekends and the overrides decide."""

    overrides: Mapping[date, bool] = field(default_factory=dict)
    provisional: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Raises CalendarYearMissing where nobody has said what the year's holidays are."""
        if day in self.overrides:
            return self.overrides[day]
        published = _published(day.year)
        if published is None:
            if day.year not in self.provisional:
                raise CalendarYearMissing(day.year)
            return day.weekday() < 5
        days_off, made_up = published
        return day in made_up or (day.weekday() < 5 and day not in days_off)

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """The end (Beijing midnight) of the `days`-th working day after the day of `moment`."""
        if days < 1:
            raise ValueError("a period has at least one working day")
        day = beijing_date(moment)
        while days:
            day += ONE_DAY
            days -= self.is_working(day)
        return end_of_day(day)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of `start` up to and including the day of `end`; negative if end is earlier."""
        first, last = beijing_date(start), beijing_date(end)
        if last < first:
            return -sum(self.is_working(day) for day in _days(last, first))
        return sum(self.is_working(day) for day in _days(first, last))


def _days(after: date, until: date) -> Iterator[date]:
    for offset in range(1, (until - after).days + 1):
        yield after + timedelta(days=offset)


def beijing_date(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def end_of_day(day: date) -> datetime:
    """Midnight that ends this day in Beijing, as UTC-comparable instant."""
    return datetime.combine(day + ONE_DAY, time.min, tzinfo=BEIJING)


def day_and_clock(moment: datetime, pattern: str = "%H:%M") -> tuple[date, str]:
    """As people in Beijing read a moment: midnight is the 24:00 of the day that it ends."""
    local = moment.astimezone(BEIJING)
    if local.time() == time.min:
        return local.date() - ONE_DAY, local.strftime(pattern).replace("00", "24", 1)
    return local.date(), local.strftime(pattern)


def last_day(end: datetime) -> date:
    """The Beijing day up to which something lasts: an end at midnight belongs to the day before."""
    return day_and_clock(end)[0]


def end_text(end: datetime) -> str:
    """2026-06-17 24:00, Beijing time, for texts that are told; pages have `moment`."""
    day, clock = day_and_clock(end)
    return f"{day.isoformat()} {clock}"


def add_calendar_days(moment: datetime, days: int) -> datetime:
    """The end of the `days`-th calendar day after the day of `moment` (day of the event not counted)."""
    return end_of_day(beijing_date(moment) + timedelta(days=days))
