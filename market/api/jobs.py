from __future__ import annotations

from market.api import idempotency, limits
from market.kernel.clock import Clock
from market.kernel.sweep import sweep


@sweep("api.forget")
async def forget(clock: Clock) -> int:
    """Answers of yesterday and counts of earlier minutes."""
    return await idempotency.forget_old() + await limits.forget_old()
