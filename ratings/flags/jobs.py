"""Screens run by themselves: over one project after each published act and over whom a result concerns, over the market
once a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION
from market.kernel.calendar import beijing_date
from market.kernel.clock import Clock
from market.kernel.db import execute
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from ratings.flags import actions
from ratings.flags.screens.interface import Reads

LOOK_JOB = "ratings.flags.look"


@job(LOOK_JOB)
async def look(*, clock: Clock, entry_id: str) -> None:
    """Whatever it finds is opened once, however often the job runs."""
    act = await entry(UUID(entry_id))
    reads, calendar, now = actions.AFTER[act.kind], await load_calendar(), clock.now()
    await actions.look_at(act.subject, *reads, calendar=calendar, now=now)
    if Reads.RESULT in reads:
        await actions.look_around(act.subject, calendar=calendar, now=now)


@sweep("ratings.flags.patterns")
async def seek_patterns(clock: Clock) -> int:
    """After each midnight in Beijing, over the period of the rulebook."""
    now = clock.now()
    if await actions.day_swept(beijing_date(now)):
        return 0
    return int(await actions.sweep_day(beijing_date(now), calendar=await load_calendar(), now=now))


@sweep("ratings.flags.rates")
async def report_rates(clock: Clock) -> int:
    """Once the day's patterns are known."""
    now = clock.now()
    return await actions.report_rates(now=now) if await actions.day_swept(beijing_date(now)) else 0


@sweep("ratings.flags.marks")
async def forget_marks(clock: Clock) -> int:
    """Marks of where entries came from are gone after the rulebook's term."""
    now = clock.now()
    book = await rulebook_in_force(NATION, now)
    kept = timedelta(days=book.calendar_days("screen.mark_days"))
    return await execute("DELETE FROM entry_mark WHERE seen_at < $1", now - kept)


for kind in actions.AFTER:
    on_act(kind, LOOK_JOB)
