"""What happens to programs' requests and tables by itself: tables are tried and carried out, old keys are forgotten."""

from __future__ import annotations

from uuid import UUID

from market.api import idempotency, limits
from market.api.bulk import actions
from market.api.bulk.actions import CARRY_OUT_JOB, TRY_JOB
from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep


@sweep("api.forget")
async def forget(clock: Clock) -> int:
    """Answers of yesterday and counts of earlier minutes."""
    return await idempotency.forget_old() + await limits.forget_old()


@job(TRY_JOB)
async def try_out(*, clock: Clock, run: str) -> None:
    await actions.try_out(UUID(run), now=clock.now())


@job(CARRY_OUT_JOB)
async def carry_out(*, clock: Clock, run: str) -> None:
    await actions.carry_out(UUID(run), now=clock.now())
