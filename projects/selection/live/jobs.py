"""What happens by itself: bidding is closed when its last round is over, and who may bid is told when it begins."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.i18n import N_
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.register.acts import on_act
from market.register.queries import entry
from market.web.display import moment
from projects.queries import project_by_id, project_by_number
from projects.selection.live.actions import close
from projects.selection.live.queries import bidding_in, due_to_close
from projects.selection.live.rules import Phase
from projects.selection.rounds.queries import ids_of, open_round
from projects.telling import Told, tell_of

BATCH = 100
TELL_JOB = "selection.live.tell"


@sweep("selection.live.close")
async def close_due(clock: Clock) -> int:
    """Closes every bidding whose last round is over."""
    due = await due_to_close(clock.now(), BATCH)
    return await one_by_one(due, "the close of a bidding", lambda one: _close(one, clock))


async def _close(project_id: UUID, clock: Clock) -> bool:
    bidding = await bidding_in(await project_by_id(project_id))
    return bidding is not None and bidding.may_close(clock.now()) and await close(project_id, now=clock.now())


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
    await tell_of(act, [Told(agency_id, text, bidding.url, facts) for agency_id in ids.values()])


on_act("pool.sealed", TELL_JOB)
