"""A trial of a rulebook runs by itself once it was asked for."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from ratings.trials import actions


@job(actions.RUN, lock=actions.RUN)
async def run(*, clock: Clock, trial: str) -> None:
    """One at a time: each reads the whole history."""
    await actions.run(UUID(trial), now=clock.now())
