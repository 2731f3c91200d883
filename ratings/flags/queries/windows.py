"""How long notices of each method usually stay open to sign up: what one of them is measured by."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from market.kernel.calendar import BEIJING, Calendar, CalendarYearMissing
from market.kernel.db import fetch
from ratings.flags.screens.interface import Usual
from ratings.periods import add_months

# p: the project. When sign-up was to close as the notice was published, whatever moved it later: an amendment is known by
# its row, a sign-up that was opened again by its beginning, and then the register says what was published.
FIRST_CLOSE = """CASE WHEN p.sign_up_opens_at = p.published_at
    AND NOT EXISTS (SELECT FROM project_amendment a WHERE a.project_id = p.id) THEN p.sign_up_closes_at
  ELSE coalesce((SELECT (e.data ->> 'sign_up_closes_at')::timestamptz FROM register_entry e
    WHERE e.subject = p.number AND e.kind = 'project.published' ORDER BY e.written LIMIT 1), p.sign_up_closes_at) END"""
# Notices that opened on one day and close on one day are as long as each other. $3: a method, or "" for all.
_WINDOWS = f"""
SELECT w.method, min(w.published_at) AS opens, min(w.closes_at) AS closes, count(*) AS notices
FROM (SELECT p.method, p.published_at, {FIRST_CLOSE} AS closes_at FROM project p
      WHERE p.published_at >= $1 AND p.published_at < $2 AND ($3 = '' OR p.method = $3)) w
GROUP BY w.method, (w.published_at AT TIME ZONE 'Asia/Shanghai')::date,
         ((w.closes_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date
"""


class Windows:
    """Windows of notices, counted by method and month. A notice is measured by the months before its own and by nothing
    later, so that looking at it today and in a year gives the same."""

    def __init__(self, months: int) -> None:
        self._months = months
        self._counted: defaultdict[tuple[str, datetime], Counter[int]] = defaultdict(Counter)
        self._usual: dict[tuple[str, datetime], Usual | None] = {}

    @classmethod
    async def for_one(cls, method: str, published_at: datetime, calendar: Calendar, months: int) -> Windows:
        """Enough to measure one notice by."""
        month = _month(published_at)
        return await cls(months)._count(add_months(month, -months), month, method, calendar)

    @classmethod
    async def for_all(cls, since: datetime, until: datetime, calendar: Calendar, months: int) -> Windows:
        """Enough to measure every notice by that appeared in between."""
        return await cls(months)._count(add_months(_month(since), -months), until, "", calendar)

    async def _count(self, since: datetime, until: datetime, method: str, calendar: Calendar) -> Windows:
        for row in await fetch(_WINDOWS, since, until, method):
            days = window_days(calendar, row["opens"], row["closes"])
            self._counted[row["method"], _month(row["opens"])][days] += row["notices"]
        return self

    def usual(self, method: str, published_at: datetime) -> Usual | None:
        """None where no notice of the method came before."""
        key = (method, _month(published_at))
        if key not in self._usual:
            self._usual[key] = self._median(*key)
        return self._usual[key]

    def _median(self, method: str, month: datetime) -> Usual | None:
        before = [self._counted.get((method, add_months(month, -back))) for back in range(1, self._months + 1)]
        windows = sum((one for one in before if one), Counter[int]())
        notices, seen = windows.total(), 0
        for days in sorted(windows):
            seen += windows[days]
            if 2 * seen >= notices:
                return Usual(days, notices)
        return None


def window_days(calendar: Calendar, opens: datetime, closes: datetime) -> int:
    """Whole working days; a window that closes at midnight belongs to the day that ends."""
    try:
        return calendar.working_days_between(opens, closes - timedelta(microseconds=1))
    except CalendarYearMissing:
        return (closes - opens).days


def _month(moment: datetime) -> datetime:
    """Where the month begins in which a moment lies, in Beijing."""
    return moment.astimezone(BEIJING).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
