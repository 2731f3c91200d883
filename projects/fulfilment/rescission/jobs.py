"""What notices come to by themselves: the cause falls away, or the time to object is over and the contract ends."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.sweep import one_by_one, sweep
from projects.fulfilment.rescission.actions import run
from projects.fulfilment.rescission.queries import open_notices


@sweep("fulfilment.rescission")
async def run_notices(clock: Clock) -> int:
    now = clock.now()
    return await one_by_one(await open_notices(), "a notice of rescission", lambda one: run(*one, now=now))
