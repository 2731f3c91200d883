"""Whoever saved a search is told of what comes to match it."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from market.site.saved.actions import tell_of_news


@sweep("search.saved")
async def look_for_news(clock: Clock) -> int:
    return await tell_of_news(clock.now())
