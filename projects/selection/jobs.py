"""Everybody whom an act of a selection concerns is told of it."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.register.acts import on_act
from market.register.queries import entry
from projects.queries import project_by_number
from projects.selection.telling import ACTS, messages_of
from projects.telling import tell_of

TELL_JOB = "selection.tell"


@job(TELL_JOB)
async def tell_parties(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await tell_of(act, await messages_of(act, await project_by_number(act.subject)))


for kind in ACTS:
    on_act(kind, TELL_JOB)
