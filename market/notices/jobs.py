"""What carries messages out of the market by itself."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.errands import errand
from market.kernel.sweep import sweep
from market.notices.carrying import carry
from market.notices.delivery import deliver
from market.notices.post import post_in_force
from market.notices.reminders import remind
from market.notices.webhooks.sending import call_due


@sweep("notices.carry")
async def carry_messages(clock: Clock) -> int:
    return await carry(clock.now())


@errand("notices.deliver")
async def deliver_parcels(clock: Clock) -> int:
    return await deliver(post_in_force(), clock.now())


@errand("notices.webhooks")
async def call_webhooks(clock: Clock) -> int:
    return await call_due(post_in_force(), clock.now())


@errand("notices.remind")
async def remind_of_deadlines(clock: Clock) -> int:
    return await remind(post_in_force().region, clock.now())
