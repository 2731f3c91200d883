"""From what changed to what the server knows. Rows are noted by the database in the transaction of the change; they go when
the server has done what they ask for, and not before. Everything is read anew when it is sent, and sent whole: so doing it
twice, or in another order, ends in the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_one, fetch_value, transaction
from market.kernel.ids import new_id
from market.search.interface import Document
from market.search.kinds import kind_called
from market.search.meilisearch import indexes
from market.search.meilisearch.client import Refused, Server, Unreachable
from market.search.meilisearch.documents import index_of
from market.search.meilisearch.leases import Lease
from market.search.meilisearch.tasks import INDEX_GONE, SERVER_TROUBLE, Outcome, outcomes

ROWS: Final = 1000
BATCHES: Final = 20  # in one go; the next one begins a second later


@dataclass(frozen=True)
class Batch:
    """`ids`: each thing once. `tasks` empty: to be sent, or sent again."""

    id: UUID
    kind: str
    tasks: tuple[int, ...]
    ids: tuple[str, ...]


class IndexGone(Exception):
    """What is searched is no longer on the server: only a rebuild helps."""


async def settle(server: Server, lease: Lease, kind: str) -> int:
    """Looks at what was sent before. Returns how many batches are done. Raises IndexGone, Unreachable."""
    batches = [batch for batch in await _batches(kind) if batch.tasks]
    found = await outcomes(server, [task for batch in batches for task in batch.tasks]) if batches else {}
    done = 0
    for batch in batches:
        mine = [found[task] for task in batch.tasks]
        failures = [outcome for outcome in mine if outcome.code]
        if failures:
            await lease.renew()
            await _put_right(batch, failures[0])
        elif all(outcome.over for outcome in mine):
            await _done(batch)
            done += 1
    return done


async def send(server: Server, lease: Lease, kind: str) -> int:
    """Sends what waits, oldest first, without waiting for the server to do it. Returns how many things were sent."""
    sent = 0
    for batch in [batch for batch in await _batches(kind) if not batch.tasks]:
        sent += await _send(server, lease, batch)
    for _ in range(BATCHES):
        taken = await _next_batch(kind)
        if taken is None:
            break
        sent += await _send(server, lease, taken)
    return sent


async def _batches(kind: str) -> list[Batch]:
    rows = await fetch(
        "SELECT b.id, b.tasks, array_agg(DISTINCT o.entity_id) AS ids FROM search_batch b JOIN search_outbox o ON o.batch_id = b.id"
        " WHERE b.kind = $1 GROUP BY b.id ORDER BY b.id",
        kind,
    )
    return [Batch(row["id"], kind, tuple(row["tasks"]), tuple(row["ids"])) for row in rows]


async def _next_batch(kind: str) -> Batch | None:
    """Takes rows that no batch holds; not by number, since an act that began earlier may be committed later."""
    batch_id = new_id()
    async with transaction():
        rows = await fetch(
            "SELECT id, entity_id FROM search_outbox WHERE kind = $1 AND target = 'live' AND batch_id IS NULL"
            " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
            kind, ROWS,
        )  # fmt: skip
        if not rows:
            return None
        await execute("INSERT INTO search_batch (id, kind, tasks) VALUES ($1, $2, '{}')", batch_id, kind)
        await execute(
            "UPDATE search_outbox SET batch_id = $1 WHERE id = ANY ($2::bigint[])",
            batch_id,
            [row["id"] for row in rows],
        )
    return Batch(batch_id, kind, (), tuple(dict.fromkeys(row["entity_id"] for row in rows)))


async def _send(server: Server, lease: Lease, batch: Batch) -> int:
    await lease.renew()
    documents = await current(batch.kind, batch.ids)
    try:
        tasks = await hand_over(server, index_of(batch.kind), batch.ids, documents, label=str(batch.id))
    except Refused as refusal:
        await _put_right(batch, Outcome(True, refusal.code, str(refusal)))
        return 0
    async with transaction():
        await execute(
            "UPDATE search_batch SET tasks = $2::bigint[], sent_at = $3 WHERE id = $1", batch.id, tasks, wall_now()
        )
    return len(batch.ids)


async def current(kind: str, ids: Sequence[str]) -> dict[str, Document]:
    """As the things are at this moment; those that nobody may find are left out."""
    return {document.id: document async for document in kind_called(kind).documents(ids)}


async def hand_over(
    server: Server, uid: str, ids: Sequence[str], documents: dict[str, Document], *, label: str
) -> list[int]:
    """Replaces what there is and removes what is gone; returns the tasks."""
    tasks = []
    if documents:
        tasks.append(await indexes.replace(server, uid, list(documents.values()), label=label))
    if gone := [one for one in ids if one not in documents]:
        tasks.append(await indexes.remove(server, uid, gone))
    return tasks


async def _done(batch: Batch) -> None:
    async with transaction():
        await execute(
            "DELETE FROM search_refused WHERE kind = $1 AND entity_id = ANY ($2::text[])", batch.kind, list(batch.ids)
        )
        await _forget(batch)


async def _forget(batch: Batch) -> None:
    await execute("DELETE FROM search_outbox WHERE batch_id = $1", batch.id)
    await execute("DELETE FROM search_batch WHERE id = $1", batch.id)


async def _put_right(batch: Batch, failure: Outcome) -> None:
    """One bad document fails its whole batch: halves are tried until it is alone, and then it is set aside."""
    if failure.code in INDEX_GONE:
        await _send_again(batch)
        raise IndexGone(failure.message)
    if failure.code in SERVER_TROUBLE:
        await _send_again(batch)
        raise Unreachable(f"{failure.code}: {failure.message}")
    if len(batch.ids) == 1:
        async with transaction():
            await set_aside(batch.kind, batch.ids[0], f"{failure.code}: {failure.message}")
            await _forget(batch)
        return
    half = len(batch.ids) // 2
    async with transaction():
        for ids in (batch.ids[:half], batch.ids[half:]):
            part = new_id()
            await execute("INSERT INTO search_batch (id, kind, tasks) VALUES ($1, $2, '{}')", part, batch.kind)
            await execute(
                "UPDATE search_outbox SET batch_id = $1 WHERE batch_id = $2 AND entity_id = ANY ($3::text[])",
                part,
                batch.id,
                list(ids),
            )
        await execute("DELETE FROM search_batch WHERE id = $1", batch.id)


async def _send_again(batch: Batch) -> None:
    async with transaction():
        await execute("UPDATE search_batch SET tasks = '{}' WHERE id = $1", batch.id)


async def set_aside(kind: str, entity_id: str, reason: str) -> None:
    """In the open transaction. The operator is told (docs/search.md)."""
    await execute(
        "INSERT INTO search_refused VALUES ($1, $2, $3, $4) ON CONFLICT (kind, entity_id)"
        " DO UPDATE SET reason = excluded.reason, refused_at = excluded.refused_at",
        kind, entity_id, reason[:300], wall_now(),
    )  # fmt: skip


async def note(kind: str, ids: Sequence[str]) -> None:
    """As if these things had changed: they are brought up to date again."""
    async with transaction():
        await execute(
            "INSERT INTO search_outbox (kind, entity_id, target) SELECT $1, one, 'live' FROM unnest($2::text[]) AS one",
            kind, list(ids),
        )  # fmt: skip


async def waiting(kind: str) -> int:
    count: int = await fetch_value("SELECT count(*) FROM search_outbox WHERE kind = $1 AND target = 'live'", kind)
    return count


async def index_row(kind: str) -> dict[str, Any] | None:
    return await fetch_one("SELECT * FROM search_index WHERE kind = $1", kind)
