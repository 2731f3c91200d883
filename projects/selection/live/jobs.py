"""What happens by itself: bidding is closed when its last round is over, and who may bid is told when it begins."""

from __future__ import annotations

import logging
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.clock import Clock
from market.kernel.db import transaction
from market.kernel.i18n import N_
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.register.acts import on_act
from market.register.queries import entry
from market.web.display import moment
from projects.queries import project_by_id, project_by_number
from projects.selection.live.actions import close
from projects.selection.live.queries import bidding_in, due_to_close
from projects.selection.live.rules import Phase
from projects.selection.queries import ids_of, open_round

log = logging.getLogger(__name__)
BATCH = 100
TELL_JOB = "selection.live.tell"


@sweep("selection.live.close")
async def close_due(clock: Clock) -> int:
    """Closes every bidding whose last round is over. One that fails does not hold up the others."""
    now, closed = clock.now(), 0
    for row in await due_to_close(now, BATCH):
        bidding = await bidding_in(await project_by_id(row["id"]))
        if bidding is not None and bidding.may_close(now):
            closed += await _closed(row["id"], row["number"], clock)
    return closed


async def _closed(project_id: UUID, number: str, clock: Clock) -> bool:
    try:
        return await close(project_id, now=clock.now())
    except Exception:
        log.exception("the bidding of %s could not be closed; it is tried again with the next pass", number)
        return False


@job(TELL_JOB)
async def tell_bidders(*, clock: Clock, entry_id: str) -> None:
    """The pool is frozen: everybody in it is told when the first round begins."""
    act = await entry(UUID(entry_id))
    project = await project_by_number(act.subject)
    bidding, current = await bidding_in(project), await open_round(project.id)
    if bidding is None or current is None or current.pool is None or bidding.schedule.phase(act.at) is Phase.OVER:
        return
    text = N_("Your organisation may bid for {project}: live bidding starts at {starts_at}.")
    facts = {"project": project.title, "starts_at": moment(bidding.schedule.starts_at)}
    ids = await ids_of([one.code for one in current.pool])
    async with transaction():
        for agency_id in ids.values():
            await tell(agency_id, text, link=bidding.url, cause=f"{act.kind}:{act.id}", now=act.at, facts=facts)


on_act("pool.sealed", TELL_JOB)
