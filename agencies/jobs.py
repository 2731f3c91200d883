"""Deadlines of agencies: admission when the notice ends, lapse when no correction comes, the end of removals, certificates that
run out."""

from __future__ import annotations

from agencies.actions import end_one_removed, finish_one_due, warn_expiring
from agencies.queries.directory import market_region
from market.catalogue.queries import rulebook_in_force
from market.kernel.clock import Clock
from market.kernel.sweep import sweep

BATCH = 100


@sweep("agencies.entries")
async def finish_due_entries(clock: Clock) -> int:
    now, finished = clock.now(), 0
    while finished < BATCH and (await finish_one_due(now) or await end_one_removed(now)):
        finished += 1
    return finished


@sweep("agencies.certificates")
async def warn_of_expiring_certificates(clock: Clock) -> int:
    now = clock.now()
    rulebook = await rulebook_in_force(await market_region(), now)
    return await warn_expiring(now, rulebook.integers("certificate.warn_days"))
