"""Screens run by themselves: over one project after each published act, over the market once a day."""

from __future__ import annotations

from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from ratings.flags import actions

LOOK_JOB = "ratings.flags.look"


@job(LOOK_JOB)
async def look(*, clock: Clock, entry_id: str) -> None:
    """Whatever it finds is opened once, however often the job runs."""
    act = await entry(UUID(entry_id))
    await actions.look_at(act.subject, actions.AFTER[act.kind], calendar=await load_calendar(), now=clock.now())


@sweep("ratings.flags.patterns")
async def seek_patterns(clock: Clock) -> int:
    """After each midnight in Beijing, over the period of the rulebook."""
    now = clock.now()
    if await actions.day_swept(beijing_date(now)):
        return 0
    return int(await actions.sweep_day(beijing_date(now), calendar=await load_calendar(), now=now))


for kind in actions.AFTER:
    on_act(kind, LOOK_JOB)
