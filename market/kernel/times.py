"""The clock and the calendar as the database knows them: the same for every process, across restarts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.clock import Clock, MarketClock, RealClock, wall_now
from market.kernel.db import execute, fetch, fetch_one, require_transaction, transaction
from market.kernel.settings import Settings


async def load_clock(settings: Settings) -> Clock:
    """Real time, unless the market was anchored elsewhere (demo) or runs fast. A new speed starts from the time shown
    at this moment: the market's time never jumps."""
    row = await fetch_one("SELECT real_anchor, market_anchor, speed FROM clock_anchor")
    if row is None and settings.clock_speed == 1:
        return RealClock()
    clock = MarketClock(**row) if row else MarketClock(wall_now(), wall_now(), 1)
    if clock.speed != settings.clock_speed:
        clock = await anchor_clock(clock.now(), speed=settings.clock_speed)
    return clock


async def read_clock() -> Clock:
    """The market's clock as its processes share it; nothing is written."""
    row = await fetch_one("SELECT real_anchor, market_anchor, speed FROM clock_anchor")
    return MarketClock(**row) if row else RealClock()


async def anchor_clock(market_now: datetime, *, speed: int) -> MarketClock:
    """From now on the market's time starts at `market_now`."""
    clock = MarketClock(wall_now(), market_now, speed)
    async with transaction():
        await execute("DELETE FROM clock_anchor")
        await execute(
            "INSERT INTO clock_anchor (real_anchor, market_anchor, speed) VALUES ($1, $2, $3)",
            clock.real_anchor, clock.market_anchor, clock.speed,
        )  # fmt: skip
    return clock


async def load_calendar() -> Calendar:
    days = await fetch("SELECT day, working FROM calendar_day")
    years = await fetch("SELECT year FROM calendar_year")
    return Calendar({row["day"]: row["working"] for row in days}, frozenset(row["year"] for row in years))


async def correct_day(day: date, *, working: bool, reason: str, by: UUID, now: datetime) -> None:
    """In the caller's transaction."""
    require_transaction()
    await execute(
        "INSERT INTO calendar_day VALUES ($1,$2,$3,$4,$5) ON CONFLICT (day) DO UPDATE"
        " SET working = $2, reason = $3, entered_by = $4, entered_at = $5",
        day, working, reason, by, now,
    )  # fmt: skip


async def open_year(year: int, *, by: UUID, now: datetime) -> None:
    """Lets weekends and the operator's corrections decide in a year that is not published yet."""
    require_transaction()
    await execute("INSERT INTO calendar_year VALUES ($1,$2,$3) ON CONFLICT DO NOTHING", year, by, now)
