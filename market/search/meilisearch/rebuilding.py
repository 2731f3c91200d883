"""All documents of a kind anew, beside those that are searched, and then exchanged with them.

Changes that come meanwhile are noted for both: for what is searched they are sent as always, for what is being built they
wait until all documents are in it. So no document that was read early can overwrite what changed later.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Final

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.search.interface import Document
from market.search.kinds import Kind, kind_called
from market.search.meilisearch import indexes, outbox
from market.search.meilisearch.client import KeyRefused, Refused, Server, ServerProblem
from market.search.meilisearch.documents import index_of
from market.search.meilisearch.indexes import Filled
from market.search.meilisearch.leases import LONG_SPAN, Lease, held, rebuild_of
from market.search.meilisearch.tasks import NOT_THE_DOCUMENTS, TaskFailed, wait

KEPT: Final = timedelta(days=1)  # how long what was searched before is kept
PATIENCE: Final = 120.0
log = logging.getLogger(__name__)
Progress = Callable[[int], None]


async def rebuild(server: Server, kind: Kind, progress: Progress = lambda sent: None) -> int:
    """Returns how many documents are searched from here on. Raises ServerProblem or Taken; then what was searched still
    is, and nothing is left of the attempt."""
    async with held(rebuild_of(kind.name), span=LONG_SPAN) as lease:
        uid = await _begin(server, kind.name)
        try:
            await indexes.create(server, uid)
            filled = await indexes.fill(server, uid, _keeping(lease, kind.documents(None)), progress)
            filled = await _repair(server, uid, kind.name, filled)
            await _finish(server, kind.name, uid, filled)
        except BaseException:
            await _give_up(server, kind.name, uid)
            raise
    return len(filled.ids)


async def _keeping(lease: Lease, documents: AsyncIterator[Document]) -> AsyncIterator[Document]:
    count = 0
    async for document in documents:
        yield document
        count += 1
        if count % indexes.BATCH == 0:
            await lease.renew()


async def _begin(server: Server, kind: str) -> str:
    uid = f"{index_of(kind)}_{wall_now():%Y%m%d%H%M%S%f}"
    async with transaction():
        await execute("INSERT INTO search_index (kind, broken) VALUES ($1, '') ON CONFLICT DO NOTHING", kind)
        left: str | None = await fetch_value("SELECT building FROM search_index WHERE kind = $1", kind)
        await execute("DELETE FROM search_outbox WHERE kind = $1 AND target = 'building'", kind)
        # Waits for acts under way, which would note their changes for what is searched alone.
        await execute("UPDATE search_index SET building = $2 WHERE kind = $1", kind, uid)
    if left is not None:
        await indexes.drop(server, left)
    return uid


async def _repair(server: Server, uid: str, kind: str, filled: Filled) -> Filled:
    """Batches that failed for one bad document, or were too large: in parts, without it."""
    for ids in filled.failed:
        documents = await outbox.current(kind, ids)
        refused = await _deliver(server, uid, list(documents.values()))
        await _set_aside(kind, refused)
        filled.ids -= set(ids) - (set(documents) - set(refused))
    return filled


async def _deliver(server: Server, uid: str, documents: list[Document]) -> dict[str, str]:
    """Sends and waits; halves what fails. Returns id -> reason for those that the server will not have."""
    if not documents:
        return {}
    try:
        await wait(server, [await indexes.replace(server, uid, documents)])
    except (TaskFailed, Refused) as failure:
        if failure.code in NOT_THE_DOCUMENTS or isinstance(failure, KeyRefused):
            raise
        if len(documents) == 1:
            return {documents[0].id: str(failure)}
        half = len(documents) // 2
        return await _deliver(server, uid, documents[:half]) | await _deliver(server, uid, documents[half:])
    return {}


async def _set_aside(kind: str, refused: dict[str, str]) -> None:
    async with transaction():
        for entity_id, reason in refused.items():
            await outbox.set_aside(kind, entity_id, reason)


async def _finish(server: Server, kind: str, uid: str, filled: Filled) -> None:
    """While no worker sends anything: what changed meanwhile, a last look, the exchange."""
    async with held(kind, patience=PATIENCE) as lease:
        await _catch_up(server, lease, kind, uid, filled)
        await _drain(server, lease, kind)
        await indexes.verify(server, uid, filled)
        await lease.renew()
        await indexes.exchange(server, kind, uid)
        await _put_in_place(server, kind, uid)


async def _catch_up(server: Server, lease: Lease, kind: str, uid: str, filled: Filled) -> None:
    while rows := await fetch(
        "SELECT id, entity_id FROM search_outbox WHERE kind = $1 AND target = 'building' ORDER BY id LIMIT $2",
        kind,
        outbox.ROWS,
    ):
        await lease.renew()
        ids = tuple(dict.fromkeys(row["entity_id"] for row in rows))
        documents = await outbox.current(kind, ids)
        refused = await _deliver(server, uid, list(documents.values()))
        await _set_aside(kind, refused)
        gone = [one for one in ids if one not in documents or one in refused]
        if gone:
            await wait(server, [await indexes.remove(server, uid, gone)])
        filled.ids = (filled.ids | set(documents)) - set(gone)
        filled.samples = [documents.get(one.id, one) for one in filled.samples if one.id in filled.ids]
        async with transaction():
            await execute("DELETE FROM search_outbox WHERE id = ANY ($1::bigint[])", [row["id"] for row in rows])


async def _drain(server: Server, lease: Lease, kind: str) -> None:
    """What was sent to the index that is searched must be done before it becomes another."""
    rows = await fetch("SELECT tasks FROM search_batch WHERE kind = $1", kind)
    try:
        await wait(server, [task for row in rows for task in row["tasks"]])
    except TaskFailed as failure:
        log.warning("a task for the index that is being replaced failed: %s", failure)
    async with transaction():  # sent again, to the index that is searched then
        await execute("UPDATE search_batch SET tasks = '{}' WHERE kind = $1", kind)
    await lease.renew()


async def _put_in_place(server: Server, kind: str, uid: str) -> None:
    now = wall_now()
    async with transaction():
        former: str | None = await fetch_value("SELECT retired FROM search_index WHERE kind = $1", kind)
        await execute(
            "UPDATE search_index SET building = NULL, retired = $2, retired_at = $3, built_at = $3, broken = '', broken_at = NULL"
            " WHERE kind = $1",
            kind, uid, now,
        )  # fmt: skip
        await execute("DELETE FROM search_outbox WHERE kind = $1 AND target = 'building'", kind)
        await execute("UPDATE search_lease SET failures = 0, retry_at = NULL, problem = '' WHERE kind = $1", kind)
    if former is not None:
        await indexes.drop(server, former)


async def _give_up(server: Server, kind: str, uid: str) -> None:
    async with transaction():
        await execute("UPDATE search_index SET building = NULL WHERE kind = $1 AND building = $2", kind, uid)
        await execute("DELETE FROM search_outbox WHERE kind = $1 AND target = 'building'", kind)
    try:
        await indexes.drop(server, uid)
    except ServerProblem as problem:
        log.warning("%s is left on the search server: %s", uid, problem)


async def drop_retired(server: Server, kind: str) -> None:
    """What was searched before the last exchange, after a day."""
    row = await outbox.index_row(kind)
    if row is None or row["retired"] is None or row["retired_at"] > wall_now() - KEPT:
        return
    await indexes.drop(server, row["retired"])
    async with transaction():
        await execute(
            "UPDATE search_index SET retired = NULL, retired_at = NULL WHERE kind = $1 AND retired = $2",
            kind,
            row["retired"],
        )


async def switch_off(kind: str) -> bool:
    """Forgets that a server was set up for this kind; acts note nothing more. False where none was."""
    kind_called(kind)
    async with transaction():
        for table in ("search_outbox", "search_batch", "search_refused"):
            await execute(f"DELETE FROM {table} WHERE kind = $1", kind)
        await execute("DELETE FROM search_lease WHERE kind = $1 OR kind = $2", kind, rebuild_of(kind))
        return bool(await execute("DELETE FROM search_index WHERE kind = $1", kind))
