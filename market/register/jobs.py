"""Entries get their leaf by themselves, within seconds of being written."""

from __future__ import annotations

import logging

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from market.register.keys import KeyFileUnsafe, KeyMissing
from market.register.sequencing import LogBroken, sequence

log = logging.getLogger(__name__)
_said = ""


@sweep("register.sequence")
async def sequence_waiting(clock: Clock) -> int:
    """Whatever stops the signing stops it until somebody helps; it is said once, not every second. Acts go on being
    recorded meanwhile and wait."""
    global _said
    try:
        await sequence(now=clock.now())
        _said = ""
    except (KeyMissing, KeyFileUnsafe, LogBroken, ValueError) as problem:
        if str(problem) != _said:
            log.error("the register is not signed: %s", problem)
        _said = str(problem)
    # Nothing else becomes due because an entry got its leaf: so no further pass is asked for.
    return 0
