"""Decisions of cases leave the public page by themselves when their time is over."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from ratings.cases.actions.measures import hide_next


@sweep("ratings.cases.published")
async def leave_the_page(clock: Clock) -> int:
    """Decisions are published for a time."""
    handled = 0
    while await hide_next(clock.now()):
        handled += 1
    return handled
