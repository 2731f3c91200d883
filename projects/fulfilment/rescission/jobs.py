"""What notices come to by themselves: the cause falls away, or the time to object is over and the contract ends."""

from __future__ import annotations

import logging

from market.kernel.clock import Clock
from market.kernel.sweep import sweep
from projects.fulfilment.rescission.actions import run
from projects.fulfilment.rescission.queries import open_notices

log = logging.getLogger(__name__)


@sweep("fulfilment.rescission")
async def run_notices(clock: Clock) -> int:
    now, handled = clock.now(), 0
    for project_number, notice_id in await open_notices():
        try:
            handled += await run(project_number, notice_id, now=now)
        except Exception:
            log.exception("the notice %s could not be dealt with; it is tried again with the next pass", notice_id)
    return handled
