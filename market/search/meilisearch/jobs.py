"""The search server is kept up by itself: changed documents are sent, and all of them compared from time to time."""

from __future__ import annotations

import logging

from market.kernel.clock import Clock, wall_now
from market.kernel.db import fetch, transaction
from market.kernel.jobs import defer, job
from market.kernel.sweep import sweep
from market.search.kinds import kind_called
from market.search.meilisearch import comparing, rebuilding, upkeep
from market.search.meilisearch.client import ServerProblem
from market.search.meilisearch.leases import Taken, failed
from market.search.meilisearch.opening import opened_search

KEEP_UP = "search.keep_up"
COMPARE = "search.compare"
log = logging.getLogger(__name__)


@job(KEEP_UP, lock=KEEP_UP)
async def keep_up(*, clock: Clock, kind: str) -> None:
    if (opened := opened_search()) is not None:
        await upkeep.keep_up(opened.worked, kind)


@job(COMPARE, lock=COMPARE)
async def compare(*, clock: Clock, kind: str) -> None:
    """A server that does not answer is asked again after a pause."""
    if (opened := opened_search()) is None:
        return
    try:
        await rebuilding.drop_retired(opened.worked, kind)
        found = await comparing.compare(opened.worked, kind_called(kind))
    except ServerProblem as problem:
        await failed(kind, str(problem))
        return
    except Taken:
        return
    if found.differing:
        log.warning("%d documents of %s on the search server were not as they are; put right", found.differing, kind)


@sweep("search server")
async def queue_upkeep(clock: Clock) -> int:
    """The work itself is a job: a slow server must not keep deadlines waiting. Real time, not the market's."""
    if opened_search() is None:
        return 0
    now = wall_now()
    wanted = {(KEEP_UP, kind) for kind in await upkeep.due_kinds(now)} | {
        (COMPARE, kind) for kind in await comparing.due(now)
    }
    if not wanted:
        return 0
    queued = {
        (row["task_name"], row["kind"])
        for row in await fetch(
            "SELECT task_name, args->>'kind' AS kind FROM procrastinate_jobs WHERE task_name = ANY ($1::text[])"
            " AND status IN ('todo', 'doing')",
            [KEEP_UP, COMPARE],
        )
    }
    async with transaction():
        for name, kind in sorted(wanted - queued):
            await defer(name, kind=kind)
    return len(wanted - queued)
