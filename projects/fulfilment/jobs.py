"""What happens to deliveries by itself: who is on turn is reminded, and in the end the owner's silence accepts."""

from __future__ import annotations

from agencies.queries.directory import market_region
from market.catalogue.queries import rulebook_in_force
from market.kernel.clock import Clock
from market.kernel.sweep import one_by_one, sweep
from market.kernel.times import load_calendar
from projects.fulfilment.actions import accept_by_silence, remind
from projects.fulfilment.clock.actions import lapse
from projects.fulfilment.nudges import nudge
from projects.fulfilment.queries import due_reminders, due_requests, due_silences
from projects.fulfilment.termination import actions as termination
from projects.fulfilment.termination.queries import due_terminations


@sweep("fulfilment.remind")
async def remind_due(clock: Clock) -> int:
    now = clock.now()
    if not (due := await due_reminders(now)):
        return 0
    calendar = await load_calendar()
    return await one_by_one(due, "a reminder of a delivery", lambda one: remind(*one, calendar=calendar, now=now))


@sweep("fulfilment.silence")
async def accept_due(clock: Clock) -> int:
    now = clock.now()
    if not (due := await due_silences(now)):
        return 0
    calendar = await load_calendar()
    return await one_by_one(
        due, "acceptance by silence", lambda one: accept_by_silence(*one, calendar=calendar, now=now)
    )


@sweep("fulfilment.nudge")
async def nudge_due(clock: Clock) -> int:
    now = clock.now()
    book = await rulebook_in_force(await market_region(), now)
    return await nudge(now, days=book.working_days("lamp.yellow_days"), calendar=await load_calendar())


@sweep("fulfilment.clock")
async def lapse_due(clock: Clock) -> int:
    now = clock.now()
    return await one_by_one(
        await due_requests(now), "the lapse of a request for time", lambda one: lapse(*one, now=now)
    )


@sweep("fulfilment.termination")
async def lapse_terminations(clock: Clock) -> int:
    now = clock.now()
    due = await due_terminations(now)
    return await one_by_one(due, "the lapse of a request to end", lambda one: termination.lapse(*one, now=now))
