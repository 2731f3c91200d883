"""What only a real server decides: its order, its forgiving of typing errors, its tasks. Without
MEILI_URL and MEILI_MASTER_KEY all of this is unproved, and says so (docs/search.md)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from market.kernel.settings import Secret
from market.search.interface import ANYBODY, Document, SearchQuery
from market.search.meilisearch.client import KeyRefused, Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.indexes import drop
from market.search.meilisearch.provisioning import provision
from tests.search.corpus import NOW

pytestmark = pytest.mark.needs_meili
KIND = "proof"


@pytest.fixture
def master() -> Iterator[Server]:
    if not os.environ.get("MEILI_URL"):
        pytest.skip("MEILI_URL is not set: NOT PROVED against a real search server")
    server = Server(os.environ["MEILI_URL"].rstrip("/"), Secret(os.environ["MEILI_MASTER_KEY"]), seconds=10)
    yield server
    server.close()


@pytest.fixture
async def engine(master: Server) -> AsyncIterator[MeiliSearch]:
    yield MeiliSearch(master)
    await drop(master, f"mingxuan_{KIND}")


async def each(documents: Sequence[Document]) -> AsyncIterator[Document]:
    for one in documents:
        yield one


async def found(engine: MeiliSearch, text: str, *documents: Document) -> tuple[str, ...]:
    await engine.rebuild(KIND, each(documents))
    return (await engine.search(SearchQuery(KIND, text, NOW), ANYBODY)).hits


def called(identity: str, title: str, **more: str) -> Document:
    return Document(KIND, identity, title=title, **more)  # type: ignore[arg-type]


async def test_words_inside_longer_words_are_found(engine: MeiliSearch) -> None:
    titles = ("总监理工程师聘用", "待处理固体废物鉴定", "新能源电站设计", "招投标代理", "预决算编制")
    documents = [called(str(place), title) for place, title in enumerate(titles)]
    for place, word in enumerate(("监理", "处理", "能源", "投标", "决算")):
        assert str(place) in await found(engine, word, *documents), word


async def test_characters_are_not_taken_for_japanese(engine: MeiliSearch) -> None:
    assert await found(engine, "测绘", called("a", "河道测绘"), called("b", "東京都")) == ("a",)


async def test_the_title_comes_first(engine: MeiliSearch) -> None:
    hits = await found(
        engine, "环境监测", called("body", "水文服务", body="含环境监测"), called("title", "环境监测服务")
    )
    assert hits == ("title", "body")


async def test_a_typing_error_in_letters_is_forgiven_and_none_in_a_firms_name(engine: MeiliSearch) -> None:
    assert await found(engine, "surveyng", called("a", "Land surveying"), called("b", "Audit")) == ("a",)
    assert await found(engine, "Mapbocks", called("a", "x", company="Mapboxes")) == ()


async def test_no_spelling_reaches_from_one_name_into_the_next(engine: MeiliSearch) -> None:
    """ "ce" ends the title, "hui" begins the firm."""
    assert await found(engine, "cehui", called("a", "预测", company="惠民公司"), called("b", "测绘")) == ("b",)


async def test_a_loose_question_still_finds_something(engine: MeiliSearch) -> None:
    assert "a" in await found(engine, "河道测绘 不存在的词", called("a", "河道测绘"))


async def test_keys_may_do_only_what_they_are_for(master: Server) -> None:
    keys = await provision(master)
    searching = Server(master.url, Secret(keys.search), seconds=5)
    with pytest.raises(KeyRefused):
        await searching.ask(lambda client: client.create_index("mingxuan_x"))
    with pytest.raises(KeyRefused):
        await searching.ask(lambda client: client.index("other").search("x"))
    searching.close()
