"""All documents anew: searches see the old ones or the new ones, changes meanwhile are in both, failures leave the old."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from market.kernel.db import execute, fetch, fetch_value
from market.search.interface import Document
from market.search.kinds import Kind
from market.search.meilisearch import indexes, rebuilding
from market.search.meilisearch.client import Refused, Unreachable
from market.search.meilisearch.documents import as_json
from market.search.meilisearch.index_settings import index_settings
from market.search.meilisearch.indexes import NotTheSame
from market.search.meilisearch.leases import Taken
from market.search.meilisearch.tasks import TaskFailed
from tests.search.corpus import corpus, document
from tests.search.meilisearch.conftest import INDEX, KIND, Shelf


async def test_settings_come_before_documents_and_the_old_index_is_kept_for_a_day(shelf: Shelf) -> None:
    await shelf.put(*corpus(3))
    seen: list[int] = []
    assert await rebuilding.rebuild(shelf.worker, shelf.kind, seen.append) == 3
    assert sum(seen) == 3
    order = [
        call.operation
        for call in shelf.fake.calls
        if call.operation not in ("get_tasks", "get_version", "get_api_key", "create_api_key")
    ]
    assert order.index("update_all") < order.index("replace_documents") < order.index("swap_indexes")
    settings = shelf.fake.memory.indexes[INDEX].settings
    assert {
        name: settings[name] for name in ("searchableAttributes", "displayedAttributes", "localizedAttributes")
    } == {
        name: index_settings()[name] for name in ("searchableAttributes", "displayedAttributes", "localizedAttributes")
    }
    assert set(shelf.fake.memory.indexes[INDEX].documents["t0000"]) == set(as_json(document(0)))
    retired = await fetch_value("SELECT retired FROM search_index")
    assert set(shelf.fake.memory.indexes) == {INDEX, retired}
    await rebuilding.drop_retired(shelf.worker, KIND)
    assert retired in shelf.fake.memory.indexes
    await execute("UPDATE search_index SET retired_at = retired_at - interval '25 hours'")
    await rebuilding.drop_retired(shelf.worker, KIND)
    assert set(shelf.fake.memory.indexes) == {INDEX}


async def test_what_changes_meanwhile_is_in_both(shelf: Shelf) -> None:
    await shelf.put(*corpus(4))
    await shelf.build()
    inner = shelf.kind.documents

    async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
        """Somebody acts while documents are being read; what was read before is then old."""
        async for one in inner(ids):
            yield one
        if ids is None:
            await shelf.put(replace(document(0), title="读过之后改的"), document(9))
            await shelf.take("t0002")

    assert await rebuilding.rebuild(shelf.worker, Kind(KIND, documents, None)) == 4  # type: ignore[arg-type]
    assert shelf.on_server == {"t0000", "t0001", "t0003", "t0009"}
    assert (await shelf.search("读过之后")).hits == ("t0000",)
    await shelf.keep_up()
    assert await fetch("SELECT FROM search_outbox") == []
    assert (await shelf.search("读过之后")).hits == ("t0000",)


async def test_a_failed_exchange_is_noticed_and_changes_nothing(shelf: Shelf) -> None:
    await shelf.put(*corpus(3))
    await shelf.build()
    before = await fetch("SELECT built_at, building FROM search_index")
    await shelf.put(document(3))
    shelf.fake.memory.faults.fail_swap = True
    with pytest.raises(TaskFailed, match="the disk said no"):
        await shelf.build()
    assert await fetch("SELECT built_at, building FROM search_index") == before
    assert shelf.on_server == {"t0000", "t0001", "t0002"}
    assert len(shelf.fake.memory.indexes) == 2  # what is searched, and what was before
    shelf.fake.memory.faults.fail_swap = False
    assert await shelf.build() == 4


async def test_a_half_built_index_is_never_searched(shelf: Shelf) -> None:
    await shelf.put(*corpus(10))
    shelf.fake.memory.faults.lose = 4
    with pytest.raises(NotTheSame, match="holds 6 documents, 10 were sent"):
        await shelf.build()
    page = await shelf.search("服务")
    assert (page.backend, page.degraded, page.total) == ("postgresql", True, 10)


async def test_a_bad_document_does_not_stop_a_rebuild(shelf: Shelf) -> None:
    await shelf.put(*corpus(7))
    shelf.fake.memory.faults.fail_task = lambda kind, documents: (
        "invalid_document_fields" if any(one.get("id") == "t0004" for one in documents) else None
    )
    assert await shelf.build() == 6
    assert shelf.on_server == set(shelf.held) - {"t0004"}
    assert [row["entity_id"] for row in await fetch("SELECT entity_id FROM search_refused")] == ["t0004"]


async def test_what_is_too_large_at_once_goes_in_parts(shelf: Shelf) -> None:
    shelf.fake.memory.faults.largest = 2
    await shelf.put(*corpus(5))
    assert await shelf.build() == 5
    await shelf.put(*(document(number) for number in range(5, 9)))
    await shelf.keep_up()
    assert len(shelf.on_server) == 9
    # A proxy in between refuses with a page of its own.
    shelf.fake.memory.faults.largest = None
    shelf.fake.trouble = lambda path: (413, "<html>too large</html>", {}) if "/documents" in path else None
    with pytest.raises(Refused, match="payload_too_large"):
        await indexes.replace(shelf.worker, INDEX, [document(9)])


async def test_a_server_that_goes_away_leaves_the_old(shelf: Shelf) -> None:
    await shelf.put(*corpus(3))
    await shelf.build()

    async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
        yield document(0)
        shelf.fake.stop()

    with pytest.raises(Unreachable):
        await rebuilding.rebuild(shelf.worker, Kind(KIND, documents, None))  # type: ignore[arg-type]
    assert await fetch_value("SELECT building FROM search_index") is None
    assert (await shelf.search("服务")).total == 3
    shelf.fake.start()
    assert shelf.on_server == {"t0000", "t0001", "t0002"}


async def test_one_rebuild_at_a_time_and_what_a_killed_one_left_is_cleared(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    await execute("UPDATE search_index SET building = 'mingxuan_things_left'")
    shelf.fake.memory.create_index("mingxuan_things_left", "key")
    shelf.fake.settle()
    await execute(
        "INSERT INTO search_lease (kind, holder, until, failures, problem) VALUES ($1, gen_random_uuid(), now() + $2::interval, 0, '')"
        " ON CONFLICT (kind) DO UPDATE SET holder = excluded.holder, until = excluded.until",
        f"{KIND}/rebuild", timedelta(minutes=1),
    )  # fmt: skip
    with pytest.raises(Taken):
        await shelf.build()
    await execute("UPDATE search_lease SET until = now() - interval '1 second' WHERE holder IS NOT NULL")
    assert await shelf.build() == 2
    assert "mingxuan_things_left" not in shelf.fake.memory.indexes


async def test_switched_off_acts_note_nothing(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    await shelf.put(document(2))
    assert await rebuilding.switch_off(KIND)
    await shelf.put(document(3))
    assert await fetch("SELECT FROM search_outbox") == []
    assert not await rebuilding.switch_off(KIND)
