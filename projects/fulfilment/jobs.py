"""What happens to deliveries by itself: who is on turn is reminded, and in the end the owner's silence accepts."""

from __future__ import annotations

import logging

from agencies.queries.directory import market_region
from market.catalogue.queries import rulebook_in_force
from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from projects.fulfilment import termination
from projects.fulfilment.actions import accept_by_silence, remind
from projects.fulfilment.clock_actions import lapse
from projects.fulfilment.nudges import nudge
from projects.fulfilment.queries import due_reminders, due_requests, due_silences

log = logging.getLogger(__name__)


@sweep("fulfilment.remind")
async def remind_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    due = await due_reminders(now)
    if not due:
        return 0
    calendar = await load_calendar()
    for project_id, delivery_id in due:
        try:
            handled += await remind(project_id, delivery_id, calendar=calendar, now=now)
        except Exception:
            # One delivery in trouble (a calendar year that is missing) must not hold up the others.
            log.exception("delivery %s: no reminder could be sent; it is tried again with the next pass", delivery_id)
    return handled


@sweep("fulfilment.silence")
async def accept_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    due = await due_silences(now)
    if not due:
        return 0
    calendar = await load_calendar()
    for project_id, delivery_id in due:
        try:
            handled += await accept_by_silence(project_id, delivery_id, calendar=calendar, now=now)
        except Exception:
            log.exception("delivery %s could not be accepted; it is tried again with the next pass", delivery_id)
    return handled


@sweep("fulfilment.nudge")
async def nudge_due(clock: Clock) -> int:
    now = clock.now()
    book = await rulebook_in_force(await market_region(), now)
    return await nudge(now, days=book.working_days("lamp.yellow_days"), calendar=await load_calendar())


@sweep("fulfilment.clock")
async def lapse_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    for project_id, change_id in await due_requests(now):
        try:
            handled += await lapse(project_id, change_id, now=now)
        except Exception:
            log.exception("the request %s could not lapse; it is tried again with the next pass", change_id)
    return handled


@sweep("fulfilment.termination")
async def lapse_terminations(clock: Clock) -> int:
    now, handled = clock.now(), 0
    for project_id, termination_id in await termination.due_terminations(now):
        try:
            handled += await termination.lapse(project_id, termination_id, now=now)
        except Exception:
            log.exception("the request %s could not lapse; it is tried again with the next pass", termination_id)
    return handled
