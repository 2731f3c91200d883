"""Entries of lists end by themselves when their time is over."""

from __future__ import annotations

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from ratings.decisions import actions


@sweep("ratings.lists.end")
async def end(clock: Clock) -> int:
    """Entries leave their list when their term is over. The account's lock keeps two workers from ending one twice."""
    handled = 0
    while await actions.end_next(clock.now()):
        handled += 1
    return handled
