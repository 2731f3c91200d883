"""Deadlines: a stored due time, swept every second. A lost job can delay a deadline, nothing can lose one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from market.kernel.clock import Clock

SweepFunction = Callable[[Clock], Awaitable[int]]
_SWEEPS: dict[str, SweepFunction] = {}
log = logging.getLogger(__name__)


def sweep(name: str) -> Callable[[SweepFunction], SweepFunction]:
    """Registers a function that handles what is due by the clock and returns how many rows it handled.
    It takes its rows with FOR UPDATE SKIP LOCKED, so that any number of workers may sweep."""

    def register(run: SweepFunction) -> SweepFunction:
        _SWEEPS[name] = run
        return run

    return register


async def sweep_all(clock: Clock) -> int:
    """One pass over all sweeps. One failing sweep is reported and does not stop the others."""
    handled = 0
    for name, run in _SWEEPS.items():
        try:
            handled += await run(clock)
        except Exception:
            log.exception("sweep %s failed; it is tried again with the next pass", name)
    return handled
