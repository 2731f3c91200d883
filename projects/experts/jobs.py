"""Experts whose time is over are replaced by the next of the drawn order; further orders are drawn when their round is out."""

from __future__ import annotations

from uuid import UUID

from market.beacon.actions import obtain_round
from market.beacon.source import beacon_in_force
from market.kernel.clock import Clock
from market.kernel.sweep import one_by_one, sweep
from projects.experts.actions import draw_further, due_draws
from projects.experts.actions.scoring import replace_absent

BATCH = 100


@sweep("experts.absent")
async def replace_absent_experts(clock: Clock) -> int:
    now, replaced = clock.now(), 0
    while replaced < BATCH and await replace_absent(now):
        replaced += 1
    return replaced


@sweep("experts.further_draws")
async def draw_further_orders(clock: Clock) -> int:
    return await one_by_one(await due_draws(clock.now()), "a further order", lambda one: _draw(*one, clock))


async def _draw(panel_id: UUID, number: int, clock: Clock) -> bool:
    """False where the beacon's round cannot be had yet."""
    found = await obtain_round(beacon_in_force(), number, now=clock.now())
    return found is not None and await draw_further(panel_id, found, clock.now())
