"""From an act to the server: nothing is lost, whatever goes wrong on the way; and acts never notice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from market.kernel.clock import RealClock, wall_now
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.search.interface import IndexOp
from market.search.kinds import DATABASE
from market.search.meilisearch import comparing, upkeep
from market.search.meilisearch.jobs import compare, queue_upkeep
from market.search.meilisearch.leases import Taken, held
from market.search.meilisearch.opening import put_in_front
from tests.search.corpus import corpus, document
from tests.search.meilisearch.conftest import INDEX, KIND, Shelf

CLOCK = RealClock()


async def noted() -> list[str]:
    return [row["entity_id"] for row in await fetch("SELECT entity_id FROM search_outbox ORDER BY id")]


async def undone(document_id: str) -> None:
    async with transaction():
        await DATABASE.apply([IndexOp(KIND, document_id, document(7))])
        raise RuntimeError("undone")


async def test_a_market_without_a_server_notes_nothing(shelf: Shelf) -> None:
    await shelf.put(*corpus(3))
    await shelf.take("t0001")
    assert await noted() == []


async def test_what_changes_is_noted_with_the_act_and_reaches_the_server(shelf: Shelf) -> None:
    await shelf.put(*corpus(5))
    assert await shelf.build() == 5
    with pytest.raises(RuntimeError, match="undone"):
        await undone("t0007")
    assert await noted() == []
    await shelf.put(document(5), replace(document(2), title="改过的名称"))
    await shelf.put(document(5))
    await shelf.take("t0000")
    assert sorted(await noted()) == ["t0000", "t0002", "t0005", "t0005"]
    calls = len(shelf.fake.calls)
    await shelf.keep_up()
    assert shelf.on_server == {"t0001", "t0002", "t0003", "t0004", "t0005"}
    assert (await shelf.search("改过的")).hits == ("t0002",)
    sent = [len(call.body) for call in shelf.fake.calls[calls:] if call.operation == "replace_documents"]
    assert sent == [2]  # a thing that changed twice is sent once
    assert await fetch("SELECT FROM search_batch") == []


async def test_rows_stay_until_the_task_is_done(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    shelf.fake.memory.faults.stuck = True
    await shelf.put(document(2))
    await upkeep.keep_up(shelf.worker, KIND)
    await upkeep.keep_up(shelf.worker, KIND)
    assert await noted() == ["t0002"]
    shelf.fake.memory.faults.stuck = False
    await shelf.keep_up()
    assert await noted() == []
    assert "t0002" in shelf.on_server


async def test_one_bad_document_is_found_and_set_aside(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()

    def fault(kind: str, documents: Sequence[Mapping[str, Any]]) -> str | None:
        return "invalid_document_fields" if any(one.get("id") == "t0013" for one in documents) else None

    shelf.fake.memory.faults.fail_task = fault
    await shelf.put(*(document(number) for number in range(10, 20)))
    await shelf.keep_up()
    refused = await fetch("SELECT entity_id, reason FROM search_refused")
    assert [row["entity_id"] for row in refused] == ["t0013"]
    assert refused[0]["reason"].startswith("invalid_document_fields")
    assert shelf.on_server == {"t0000", "t0001"} | {f"t{n:04}" for n in range(10, 20)} - {"t0013"}
    shelf.fake.memory.faults.fail_task = lambda kind, documents: None
    await shelf.put(document(13))
    await shelf.keep_up()
    assert await fetch("SELECT FROM search_refused") == []
    assert "t0013" in shelf.on_server


async def test_trouble_of_the_server_sets_nothing_aside(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    shelf.fake.memory.faults.fail_task = lambda kind, documents: "no_space_left_on_device"
    await shelf.put(document(2), document(3))
    for _ in range(3):
        await upkeep.keep_up(shelf.worker, KIND)
        shelf.fake.settle()
    lease = (await fetch("SELECT failures, problem, retry_at FROM search_lease WHERE kind = $1", KIND))[0]
    assert lease["failures"] >= 1 and lease["retry_at"] and "no_space_left" in lease["problem"]
    assert await queue_upkeep(CLOCK) == 0  # it waits before it tries again
    shelf.fake.memory.faults.fail_task = lambda kind, documents: None
    await shelf.keep_up()
    assert (shelf.on_server, await fetch("SELECT FROM search_refused")) == ({"t0000", "t0001", "t0002", "t0003"}, [])


async def test_acts_do_not_notice_that_the_server_is_down(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    shelf.fake.stop()
    await shelf.put(document(2))
    await upkeep.keep_up(shelf.worker, KIND)
    assert await noted() == ["t0002"]
    shelf.fake.start()
    await shelf.keep_up()
    assert "t0002" in shelf.on_server


async def test_a_server_that_lost_everything_is_not_fed_piece_by_piece(shelf: Shelf) -> None:
    """The first document sent would make an index that knows no Chinese."""
    await shelf.put(*corpus(30))
    await shelf.build()
    shelf.fake.memory.indexes.clear()
    await shelf.put(document(30))
    await upkeep.keep_up(shelf.worker, KIND)
    assert shelf.fake.memory.indexes == {}
    assert "does not have the index" in await fetch_value("SELECT broken FROM search_index")
    page = await shelf.search("测绘")
    assert (page.backend, page.degraded, page.total > 0) == ("postgresql", True, True)
    assert await shelf.build() == 31
    await shelf.keep_up()
    page = await shelf.search("测绘")
    assert (page.backend, page.degraded) == ("meilisearch", False)


async def test_a_half_empty_server_is_not_searched(shelf: Shelf) -> None:
    await shelf.put(*corpus(60))
    await shelf.build()
    documents = shelf.fake.memory.indexes[INDEX].documents
    kept = dict(list(documents.items())[:30])
    documents.clear()
    documents |= kept
    await upkeep.keep_up(shelf.worker, KIND)
    assert "holds 30 documents, there are 60" in await fetch_value("SELECT broken FROM search_index")
    assert (await shelf.search("服务")).total == 60


async def test_an_empty_index_is_noticed_in_the_smallest_market(shelf: Shelf) -> None:
    await shelf.put(*corpus(1))
    await shelf.build()
    assert (await shelf.search()).backend == "meilisearch"
    shelf.fake.memory.indexes[INDEX].documents.clear()
    await upkeep.keep_up(shelf.worker, KIND)
    page = await shelf.search()
    assert (page.backend, page.hits) == ("postgresql", ("t0000",))


async def test_two_workers_never_send_at_once(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    await shelf.put(document(2))
    await asyncio.gather(*(upkeep.keep_up(shelf.worker, KIND) for _ in range(4)))
    sent = [call for call in shelf.fake.calls if call.operation == "replace_documents"]
    assert len(sent) == 2  # one of the rebuild, one of the round
    async with held(KIND) as lease:
        await execute("UPDATE search_lease SET until = now() - interval '1 second' WHERE kind = $1", KIND)
        async with held(KIND):  # whoever takes over from the dead
            with pytest.raises(Taken):
                await lease.renew()


async def test_the_sweep_queues_the_work_once(shelf: Shelf) -> None:
    await shelf.put(*corpus(2))
    await shelf.build()
    await shelf.put(document(2))
    assert await queue_upkeep(CLOCK) == 1
    assert await queue_upkeep(CLOCK) == 0
    rows = await fetch("SELECT task_name, args FROM procrastinate_jobs WHERE task_name LIKE 'search.%'")
    assert [(row["task_name"], row["args"]) for row in rows] == [("search.keep_up", '{"kind": "things"}')]
    put_in_front(None)
    assert await queue_upkeep(CLOCK) == 0


async def test_what_a_backup_set_back_is_found_at_night(shelf: Shelf) -> None:
    await shelf.put(*corpus(40))
    await shelf.build()
    documents = shelf.fake.memory.indexes[INDEX].documents
    del documents["t0003"]
    documents["ghost"] = {"key": "ghost"}  # somebody else's
    documents["t0005"] = {**documents["t0005"], "title": "旧", "digest": "old"}
    found = await comparing.compare(shelf.worker, shelf.kind)
    assert (found.there_are, found.missing, found.surplus, found.stale) == (40, ("t0003",), ("ghost",), ("t0005",))
    assert found.looked_at == 39
    await shelf.keep_up()
    assert shelf.on_server == set(shelf.held)
    del documents["t0007"]
    await execute(
        "UPDATE search_index SET built_at = built_at - interval '25 hours', compared_at = compared_at - interval '25 hours'"
    )
    shelf.fake.stop()
    await compare(clock=CLOCK, kind=KIND)
    assert await comparing.due(wall_now()) == []  # it waits before it asks again
    shelf.fake.start()
    await execute("UPDATE search_lease SET retry_at = NULL")
    assert await comparing.due(wall_now()) == [KIND]
    await compare(clock=CLOCK, kind=KIND)
    assert (await noted(), await comparing.due(wall_now())) == (["t0007"], [])
    await shelf.keep_up()
    again = await comparing.compare(shelf.worker, shelf.kind, samples=3)
    assert (again.differing, again.looked_at) == (0, 3)
