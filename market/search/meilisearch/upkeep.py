"""What a worker does for the search server again and again: send what changed, and look whether the server still holds what
it should."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.search.meilisearch import indexes, outbox
from market.search.meilisearch.client import Server, ServerProblem
from market.search.meilisearch.documents import index_of
from market.search.meilisearch.leases import Lease, Taken, failed, held, went_well

LOOK_EVERY: Final = timedelta(seconds=60)
TOLERATED: Final = 20  # documents more or less, or a twentieth; of a handful half


async def due_kinds(now: datetime) -> list[str]:
    """Kinds with something to send, or not looked at for a minute, and not waiting after a failure."""
    rows = await fetch(
        "SELECT i.kind FROM search_index i LEFT JOIN search_lease l ON l.kind = i.kind"
        " WHERE i.built_at IS NOT NULL AND (l.retry_at IS NULL OR l.retry_at <= $1) AND (l.until IS NULL OR l.until < $1)"
        " AND (l.looked_at IS NULL OR l.looked_at <= $1 - $2::interval OR (i.broken = ''"
        "      AND EXISTS (SELECT FROM search_outbox o WHERE o.kind = i.kind AND o.target = 'live')))",
        now, LOOK_EVERY,
    )  # fmt: skip
    return [row["kind"] for row in rows]


async def keep_up(server: Server, kind: str) -> int:
    """One round. Returns how many things were sent; a server that does not answer is asked again later."""
    try:
        async with held(kind) as lease:
            return await _round(server, lease, kind)
    except Taken:
        return 0


async def _round(server: Server, lease: Lease, kind: str) -> int:
    try:
        if not await _sound(server, kind):
            return 0
        done = await outbox.settle(server, lease, kind)
        sent = await outbox.send(server, lease, kind)
    except outbox.IndexGone as gone:
        await mark_broken(kind, str(gone))
        return 0
    except ServerProblem as problem:
        await failed(kind, str(problem))
        return 0
    if done or not sent:  # that something was sent does not say that the server could do it
        await went_well(kind)
    return sent


async def _sound(server: Server, kind: str) -> bool:
    """Does the server hold about as many documents as there are? It may have been exchanged for an empty one, and a
    document sent to it then would make an index that knows no Chinese."""
    now = wall_now()
    count = await indexes.documents_in(server, index_of(kind))
    async with transaction():
        await execute("UPDATE search_lease SET looked_at = $2 WHERE kind = $1", kind, now)
    problem = await _difference(kind, count)
    if problem:
        await mark_broken(kind, problem)
        return False
    async with transaction():
        await execute("UPDATE search_index SET broken = '', broken_at = NULL WHERE kind = $1 AND broken <> ''", kind)
    return True


async def _difference(kind: str, count: int | None) -> str:
    if count is None:
        return "the server does not have the index any more"
    there_are: int = await fetch_value("SELECT count(*) FROM search_document WHERE kind = $1", kind)
    changing = await outbox.waiting(kind)
    refused: int = await fetch_value("SELECT count(*) FROM search_refused WHERE kind = $1", kind)
    tolerated = max(min(TOLERATED, there_are // 2), there_are // 20)
    if abs(there_are - count) > tolerated + changing + refused:
        return f"the server holds {count} documents, there are {there_are}"
    return ""


async def mark_broken(kind: str, reason: str) -> None:
    """Not searched from here on; the operator is told."""
    async with transaction():
        await execute(
            "UPDATE search_index SET broken = $2, broken_at = $3 WHERE kind = $1 AND broken = ''",
            kind,
            reason[:300],
            wall_now(),
        )
