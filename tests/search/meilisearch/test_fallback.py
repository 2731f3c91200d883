"""A search always has an answer, soon, and the page says when it is not the usual one."""

from __future__ import annotations

import asyncio

import pytest

from market.kernel.db import execute, fetch, fetch_value
from market.kernel.settings import Secret
from market.search.interface import ANYBODY, SearchPage, SearchQuery
from market.search.meilisearch.client import SEARCH_SECONDS, Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.fallback import OPEN_SECONDS, Breaker, FallbackSearch
from market.search.meilisearch.standing import BEHIND, KEY, NOT_BUILT, SILENT, oldest_trouble, standings
from tests.search.corpus import NOW, corpus, document
from tests.search.meilisearch.conftest import KIND, Shelf
from tests.search.meilisearch.fake.server import FakeServer
from tests.serving import free_port

HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1><script>x</script></body></html>"
TROUBLES = {
    "busy": (503, '{"message":"Too many search requests","code":"too_many_search_requests","type":"system","link":""}', {"Retry-After": "10"}),
    "proxy": (502, HTML, {"Content-Type": "text/html"}),
    "somebody else's page": (200, HTML, {"Content-Type": "text/html"}),
    "another service's JSON": (200, '{"ok": true}', {"Content-Type": "application/json"}),
    "JSON of another shape": (200, '{"results": [{"hits": "many"}]}', {"Content-Type": "application/json"}),
    "an empty page": (200, "", {}),
    "moved": (404, "gone", {}),
    "disk full": (500, '{"message":"No space left","code":"internal","type":"internal","link":""}', {}),
}  # fmt: skip


def by_database(page: SearchPage) -> bool:
    return (page.backend, page.degraded, page.total) == ("postgresql", True, 3)


@pytest.fixture
async def built(shelf: Shelf) -> Shelf:
    await shelf.put(*corpus(3))
    await shelf.build()
    page = await shelf.search("服务")
    assert (page.backend, page.degraded, page.total) == ("meilisearch", False, 3)
    return shelf


async def test_whatever_answers_in_its_place_the_page_is_there(built: Shelf) -> None:
    engine = built.opened.engine
    for name, trouble in TROUBLES.items():
        built.fake.trouble = lambda path, trouble=trouble: trouble  # type: ignore[misc]
        engine.breaker.went_well()
        assert by_database(await built.search("服务")), name
        assert engine.breaker.failures == 1, name
    built.fake.trouble = lambda path: None
    assert (await built.search("服务")).backend == "meilisearch"


async def test_refused_connections_open_the_breaker_and_one_search_closes_it(built: Shelf) -> None:
    now = 0.0
    engine = built.opened.engine
    engine.breaker = Breaker(lambda: now)
    built.fake.stop()
    for _ in range(5):
        assert by_database(await built.search("服务"))
    assert engine.breaker.open
    asked = len(built.fake.calls)
    built.fake.start()
    assert by_database(await built.search("服务"))
    assert len(built.fake.calls) == asked  # nobody was asked
    now += OPEN_SECONDS
    assert (await built.search("服务")).backend == "meilisearch"
    assert not engine.breaker.open and engine.breaker.failures == 0
    assert engine.counts["failed"] == 5 and engine.counts["not asked"] == 1


async def test_nobody_waits_for_a_server_that_hangs(built: Shelf) -> None:
    built.fake.hanging = True
    built.opened.asked.seconds = SEARCH_SECONDS
    async with asyncio.timeout(20):  # the server holds its answer back for thirty
        assert by_database(await built.search("服务"))
    built.fake.hanging = False


def test_after_ten_seconds_one_search_is_risked_and_the_others_wait() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(5):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    now = OPEN_SECONDS
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    assert not breaker.allows()


async def test_a_wrong_key_is_told_and_searches_go_on(built: Shelf, fake: FakeServer) -> None:
    wrong = Server(fake.url, Secret("wrong"), seconds=1)
    engine = FallbackSearch(MeiliSearch(wrong), built.opened.engine.database)
    assert by_database(await engine.search(SearchQuery(KIND, "服务", NOW), ANYBODY))
    assert engine.breaker.failures == 1
    assert (await standings(wrong, [KIND]))[0].trouble == KEY
    wrong.close()


async def test_an_index_that_is_gone_is_noticed_by_a_search(built: Shelf) -> None:
    built.fake.memory.indexes.clear()
    assert by_database(await built.search("服务"))
    assert built.opened.engine.breaker.failures == 0
    assert "not found" in await fetch_value("SELECT broken FROM search_index")
    assert await oldest_trouble() is not None


async def test_our_own_mistake_is_no_reason_not_to_ask(built: Shelf) -> None:
    built.fake.memory.indexes["mingxuan_things"].settings["filterableAttributes"] = []
    assert by_database(await built.search("服务"))
    assert built.opened.engine.breaker.failures == 0
    assert built.opened.engine.counts["refused"] == 1


async def test_what_is_behind_is_said_and_what_is_far_behind_not_searched(built: Shelf) -> None:
    await built.put(document(3))
    page = await built.search("服务")
    assert (page.backend, page.degraded, page.total) == ("meilisearch", False, 3)
    await execute("UPDATE search_outbox SET noted_at = noted_at - interval '2 minutes'")
    page = await built.search("服务")
    assert (page.backend, page.degraded, page.total) == ("meilisearch", True, 3)
    assert (await standings(built.worker, [KIND]))[0].trouble == BEHIND
    assert await oldest_trouble() is not None
    await execute("UPDATE search_outbox SET noted_at = noted_at - interval '10 minutes'")
    page = await built.search("服务")
    assert (page.backend, page.degraded, page.total) == ("postgresql", True, 4)
    await built.keep_up()
    assert (await built.search("服务")).degraded is False
    assert await oldest_trouble() is None


async def test_single_characters_and_other_orders_are_the_databases(built: Shelf) -> None:
    engine = built.opened.engine
    for text, sort in (
        ("水", "relevance"),
        ("测绘 水", "relevance"),
        ("测绘", "newest"),
        ("", "deadline"),
        ("测绘", "budget"),
    ):
        page = await engine.search(SearchQuery(KIND, text, NOW, sort=sort), ANYBODY)  # type: ignore[arg-type]
        assert (page.backend, page.degraded) == ("postgresql", False), (text, sort)
    await engine.suggest("测绘", KIND, ANYBODY, 5)
    assert engine.counts["postgresql"] == 5


async def test_before_anything_is_built_the_database_answers(shelf: Shelf) -> None:
    await shelf.put(*corpus(3))
    assert by_database(await shelf.search("服务"))
    found = await standings(shelf.worker, [KIND])
    assert (found[0].trouble, found[0].there_are, found[0].on_server) == (NOT_BUILT, 3, None)
    nobody = Server(f"http://127.0.0.1:{free_port()}", Secret("x"), seconds=1)
    assert (await standings(nobody, [KIND]))[0].trouble == SILENT
    nobody.close()
    assert await fetch("SELECT FROM search_index") == []
