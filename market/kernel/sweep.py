"""Deadlines: a stored due time, swept every second. A lost job can delay a deadline, nothing can lose one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from market.kernel.clock import Clock

T = TypeVar("T")
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


async def one_by_one(due: Iterable[T], what: str, act: Callable[[T], Awaitable[bool]]) -> int:
    """How many of `due` `act` handled. One in trouble (a calendar year that is missing) is told in the log, as `what` that
    failed, and holds up neither the others nor its own next pass."""
    handled = 0
    for one in due:
        try:
            handled += await act(one)
        except Exception:
            log.exception("%s failed for %s; it is tried again with the next pass", what, one)
    return handled
