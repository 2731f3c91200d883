"""The time to rate opens with the acceptance, and ends by itself; so does the right of reply."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from ratings.evaluations import actions


@job("ratings.evaluations.open")
async def open_window(*, clock: Clock, entry_id: str) -> None:
    accepted = await entry(UUID(entry_id))
    await actions.open_window(accepted, calendar=await load_calendar(), now=clock.now())


@sweep("ratings.evaluations.reveal")
async def reveal(clock: Clock) -> int:
    handled = 0
    while await actions.reveal_next(clock.now()):
        handled += 1
    return handled


@sweep("ratings.evaluations.settle")
async def settle(clock: Clock) -> int:
    handled = 0
    while await actions.settle_next_low(clock.now()):
        handled += 1
    return handled


on_act("delivery.accepted", "ratings.evaluations.open")
