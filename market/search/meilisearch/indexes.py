"""Indexes on the server: made beside the one that is searched, filled, looked at, exchanged with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from market.search.interface import Document
from market.search.meilisearch.client import TOO_LARGE, Refused, Server, ServerProblem
from market.search.meilisearch.documents import KEY, as_json, index_of, key_of
from market.search.meilisearch.index_settings import index_settings
from market.search.meilisearch.tasks import NOT_THE_DOCUMENTS, TaskFailed, wait
from market.search.meilisearch.texts import written
from market.search.words import words_of

if TYPE_CHECKING:
    import meilisearch

BATCH: Final = 1000
SAMPLES: Final = 20
Progress = Callable[[int], None]


class NotTheSame(ServerProblem):
    """What was built is not what was sent: it is not put in place of what is searched."""


@dataclass
class Filled:
    """What was sent to an index: every id once, a few documents to look at again, and the ids of batches that the server
    did not take because of what was in them, or how much."""

    ids: set[str] = field(default_factory=set)
    samples: list[Document] = field(default_factory=list)
    failed: list[tuple[str, ...]] = field(default_factory=list)


async def create(server: Server, uid: str) -> None:
    """An empty index that knows Chinese; settings come first, or the server would read every document twice."""
    await wait(server, [await server.ask(lambda client: client.create_index(uid, {"primaryKey": KEY}).task_uid)])
    await wait(server, [await server.ask(lambda client: client.index(uid).update_settings(index_settings()).task_uid)])


async def exists(server: Server, uid: str) -> bool:
    return await documents_in(server, uid) is not None


async def documents_in(server: Server, uid: str) -> int | None:
    """How many the index holds; None where there is no such index."""
    return await server.ask(lambda client: _documents_in(client, uid))


def _documents_in(client: meilisearch.Client, uid: str) -> int | None:
    from meilisearch.errors import MeilisearchApiError

    try:
        return client.index(uid).get_stats().number_of_documents
    except MeilisearchApiError as answer:
        if answer.code == "index_not_found":
            return None
        raise


async def replace(server: Server, uid: str, documents: Sequence[Document], *, label: str = "") -> int:
    """Sends whole documents; returns the task's number."""
    bodies = [as_json(document) for document in documents]
    return await server.ask(lambda client: client.index(uid).add_documents(bodies, metadata=label or None).task_uid)


async def remove(server: Server, uid: str, ids: Sequence[str]) -> int:
    """Returns the task's number. Ids that the index does not hold are no mistake."""
    return await remove_keys(server, uid, [key_of(one) for one in ids])


async def remove_keys(server: Server, uid: str, keys: Sequence[str]) -> int:
    # The package's own method for a list of ids is announced to go; the address stays.
    answer = await server.ask(lambda client: client.http.post(f"indexes/{uid}/documents/delete-batch", list(keys)))
    return int(answer["taskUid"])


async def fill(server: Server, uid: str, documents: AsyncIterator[Document], progress: Progress) -> Filled:
    """Sends everything, and only then waits: a server that is waited for after every batch takes twice as long."""
    filled, sent, batch = Filled(), dict[int, tuple[str, ...]](), list[Document]()
    async for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            sent |= await _send(server, uid, batch, filled, progress)
            batch = []
    if batch:
        sent |= await _send(server, uid, batch, filled, progress)
    for task, ids in sent.items():
        try:
            await wait(server, [task])
        except TaskFailed as failure:
            if failure.code in NOT_THE_DOCUMENTS:
                raise
            filled.failed.append(ids)
    return filled


async def _send(
    server: Server, uid: str, batch: list[Document], filled: Filled, progress: Progress
) -> dict[int, tuple[str, ...]]:
    ids = tuple(document.id for document in batch)
    filled.ids |= set(ids)
    filled.samples += batch[:: max(BATCH // 2, 1)]
    try:
        sent = {await replace(server, uid, batch): ids}
    except Refused as refusal:
        if refusal.code != TOO_LARGE:
            raise
        filled.failed.append(ids)
        sent = {}
    progress(len(batch))
    return sent


async def verify(server: Server, uid: str, filled: Filled) -> None:
    """Is everything in it, as it was sent, and can it be found? Raises NotTheSame."""
    count = await documents_in(server, uid)
    if count != len(filled.ids):
        raise NotTheSame(f"{uid} holds {count} documents, {len(filled.ids)} were sent")
    samples = [one for one in filled.samples if one.id in filled.ids][-SAMPLES:]
    if not samples:
        return
    wanted = {one[KEY]: one["digest"] for one in map(as_json, samples)}
    held = await digests(server, uid, ids=[one.id for one in samples])
    if held != wanted:
        raise NotTheSame(f"{uid}: {len(wanted.items() - held.items())} of {len(wanted)} documents looked at differ")
    for one in samples[:3]:
        await _find(server, uid, one)


async def _find(server: Server, uid: str, sample: Document) -> None:
    """By what it is called, as its readers would look for it."""
    words = words_of(sample.title)
    if not words:
        return
    asked = {"filter": f'visibility = "{sample.visibility}"', "limit": 1, "matchingStrategy": "all", "locales": ["cmn"]}
    found = await server.ask(lambda client: client.index(uid).search(f'"{written(words[0])}"', asked))
    if not found["hits"]:
        raise NotTheSame(f"{uid}: {sample.id} is not found by its own title")


async def digests(server: Server, uid: str, *, ids: Sequence[str] | None = None, offset: int = 0) -> dict[str, str]:
    """key -> digest of what the index holds: of these ids, or of a batch from the offset on."""
    asked: dict[str, Any] = {"fields": [KEY, "digest"], "limit": BATCH, "offset": offset}
    if ids is not None:
        asked["ids"] = [key_of(one) for one in ids]
    return await server.ask(
        lambda client: {
            str(one[KEY]): str(one.get("digest", ""))
            for one in client.http.post(f"indexes/{uid}/documents/fetch", asked)["results"]
        }
    )


async def exchange(server: Server, kind: str, uid: str) -> None:
    """What was built is searched from here on, what was searched is kept under the other name. The server exchanges
    later and may fail: raises TaskFailed, and then nothing has changed."""
    if not await exists(server, index_of(kind)):
        await create(server, index_of(kind))
    task = await server.ask(lambda client: client.swap_indexes([{"indexes": [index_of(kind), uid]}]).task_uid)
    await wait(server, [task])


async def drop(server: Server, uid: str) -> None:
    """Forgets an index; it is fine if there is none."""
    if await exists(server, uid):
        await wait(server, [await server.ask(lambda client: client.delete_index(uid).task_uid)])
