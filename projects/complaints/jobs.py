"""What happens to complaints by itself: one that is not corrected in time ends, and everybody concerned is told."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from projects.complaints.actions import lapse_correction
from projects.complaints.queries import lapsed_corrections
from projects.complaints.telling import ACTS, messages_of
from projects.telling import tell_of

TELL_JOB = "complaints.tell"


@sweep("complaints.corrections")
async def end_uncorrected(clock: Clock) -> int:
    now = clock.now()
    if not (due := await lapsed_corrections(now)):
        return 0
    calendar = await load_calendar()
    return await one_by_one(due, "the end of a complaint", partial(lapse_correction, calendar=calendar, now=now))


@job(TELL_JOB)
async def tell_concerned(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await tell_of(act, await messages_of(act))


for kind in ACTS:
    on_act(kind, TELL_JOB)
