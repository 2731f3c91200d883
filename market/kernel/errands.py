"""What a worker does for others who may answer slowly or not at all: each errand has a task of its own beside the sweeps,
so that a mail server which hangs holds up no deadline."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from market.kernel.clock import Clock

ErrandFunction = Callable[[Clock], Awaitable[int]]
_ERRANDS: dict[str, ErrandFunction] = {}
log = logging.getLogger(__name__)


def errand(name: str) -> Callable[[ErrandFunction], ErrandFunction]:
    """Registers a function that does what is due by the clock and returns how much that was. It claims its rows for a
    while in a transaction of its own, then calls the other side outside of any transaction."""

    def register(run: ErrandFunction) -> ErrandFunction:
        _ERRANDS[name] = run
        return run

    return register


def errands() -> dict[str, ErrandFunction]:
    return dict(_ERRANDS)
