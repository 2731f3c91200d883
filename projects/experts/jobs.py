"""Experts whose time is over are replaced by the next of the drawn order; further orders are drawn when their round is out."""

from __future__ import annotations

import logging
from uuid import UUID

from market.beacon.actions import obtain_round
from market.beacon.source import beacon_in_force
from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from projects.experts.actions import draw_further, due_draws
from projects.experts.actions.scoring import replace_absent

log = logging.getLogger(__name__)
BATCH = 100


@sweep("experts.absent")
async def replace_absent_experts(clock: Clock) -> int:
    now, replaced = clock.now(), 0
    while replaced < BATCH and await replace_absent(now):
        replaced += 1
    return replaced


@sweep("experts.further_draws")
async def draw_further_orders(clock: Clock) -> int:
    """One that fails, or whose round cannot be had yet, does not hold up the others."""
    return sum([await _drawn(panel_id, number, clock) for panel_id, number in await due_draws(clock.now())])


async def _drawn(panel_id: UUID, number: int, clock: Clock) -> bool:
    try:
        found = await obtain_round(beacon_in_force(), number, now=clock.now())
        return found is not None and await draw_further(panel_id, found, clock.now())
    except Exception:
        log.exception("the further order of panel %s could not be drawn; it is tried again", panel_id)
        return False
