"""Experts whose time is over are replaced by the next of the drawn order."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from projects.experts.actions.scoring import replace_absent

BATCH = 100


@sweep("experts.absent")
async def replace_absent_experts(clock: Clock) -> int:
    now, replaced = clock.now(), 0
    while replaced < BATCH and await replace_absent(now):
        replaced += 1
    return replaced
