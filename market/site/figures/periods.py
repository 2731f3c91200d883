"""The periods that figures are cut by: a year, half a year, a quarter, a month, or any two days. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from market.kernel.calendar import BEIJING, end_of_day

ONE_DAY: Final = timedelta(days=1)
_NAMED: Final = re.compile(r"(20\d\d)(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")
MONTHS_SHOWN: Final = 12
CENTURY: Final = range(2000, 2100)
_MONTHS: Final = [(year, month) for year in CENTURY for month in range(1, 13)]
# Every month that a period can name, in order: what it is called, and when it begins in Beijing.
MONTH_NAMES: Final = [f"{year}-{month:02d}" for year, month in _MONTHS]
MONTH_STARTS: Final = [datetime(year, month, 1, tzinfo=BEIJING) for year, month in _MONTHS]


@dataclass(frozen=True)
class Period:
    """Both days count; None is open. `name`: "2026", "2026-H1", "2026-Q3", "2026-11", or "" where two days were chosen."""

    name: str
    since: date | None
    until: date | None

    @property
    def starts_at(self) -> datetime | None:
        return datetime.combine(self.since, time.min, tzinfo=BEIJING) if self.since else None

    @property
    def ends_at(self) -> datetime | None:
        """Half-open: the midnight that ends the last day."""
        return end_of_day(self.until) if self.until else None

    @property
    def previous(self) -> Period | None:
        """The one right before it: of a named period the like one, of two days as many days. None where an end is open."""
        if self.since is None or self.until is None:
            return None
        last = self.since - ONE_DAY
        if self.name:
            return named(_name_of(last, self.name))
        return Period("", last - (self.until - self.since), last)


def named(text: str) -> Period | None:
    """None for what names no period, such as 2026-13."""
    found = _NAMED.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    year, half, quarter, month = (int(part) if part else 0 for part in found.groups())
    first, months = 1, 12
    if half:
        first, months = half * 6 - 5, 6
    elif quarter:
        first, months = quarter * 3 - 2, 3
    elif month:
        first, months = month, 1
    return Period(text, date(year, first, 1), _first_of(year, first + months) - ONE_DAY)


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _name_of(day: date, like: str) -> str:
    """The name of the period of the same kind that holds this day."""
    kind = like[5:6]
    if not kind:
        return f"{day.year}"
    if kind == "H":
        return f"{day.year}-H{(day.month + 5) // 6}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if kind == "Q" else f"{day.year}-{day.month:02d}"


def offered(today: date) -> list[str]:
    """The names to choose from: this year and the last two, their halves and quarters so far, the last twelve months."""
    years = [f"{today.year - back}" for back in range(3)]
    parts = [f"{year}-{part}" for year in years[:2] for part in ("H2", "H1", "Q4", "Q3", "Q2", "Q1")]
    months = [_first_of(today.year, today.month - back) for back in range(MONTHS_SHOWN)]
    begun = [part for part in parts if (one := named(part)) and one.since and one.since <= today]
    return [*years, *begun, *(f"{month:%Y-%m}" for month in months)]
