"""What happens to complaints by itself: one that is not corrected in time ends, and everybody concerned is told."""

from __future__ import annotations

import logging
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.clock import Clock
from market.kernel.db import transaction
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from projects.complaints.actions import lapse_correction
from projects.complaints.queries import lapsed_corrections
from projects.complaints.telling import ACTS, messages_of

log = logging.getLogger(__name__)
TELL_JOB = "complaints.tell"


@sweep("complaints.corrections")
async def end_uncorrected(clock: Clock) -> int:
    now, handled = clock.now(), 0
    due = await lapsed_corrections(now)
    if not due:
        return 0
    calendar = await load_calendar()
    for complaint_id in due:
        try:
            handled += await lapse_correction(complaint_id, calendar=calendar, now=now)
        except Exception:
            # One complaint in trouble must not hold up the others.
            log.exception("complaint %s could not be ended; it is tried again with the next pass", complaint_id)
    return handled


@job(TELL_JOB)
async def tell_concerned(*, clock: Clock, entry_id: str) -> None:
    """Puts one message about an act into the inbox of everybody concerned."""
    act = await entry(UUID(entry_id))
    told = await messages_of(act)
    async with transaction():
        for one in told:
            await tell(one.organisation_id, one.text, link=one.link, cause=f"{act.kind}:{act.id}", now=act.at,
                       facts=one.facts)  # fmt: skip


for kind in ACTS:
    on_act(kind, TELL_JOB)
