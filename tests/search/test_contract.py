"""What every engine of search does, whichever it is: PostgreSQL, the search server spoken to over HTTP (tests/search/
meilisearch/fake), and a real server where MEILI_URL names one.

The real server is needed for what only it decides: how it cuts texts, ranks and forgives. Those tests are marked
needs_meili, and skipped aloud without it (docs/search.md).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from market.kernel.db import transaction
from market.kernel.settings import Secret
from market.search.interface import (
    ANYBODY,
    DEADLINES,
    Document,
    Eq,
    In,
    IndexOp,
    Range,
    Scope,
    SearchEngine,
    SearchPage,
    SearchQuery,
)
from market.search.kinds import _KINDS, Kind
from market.search.meilisearch.client import Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.tasks import wait
from market.search.postgres import PgSearch
from market.search.words import folded, words_of
from tests.search.corpus import NOW, corpus, document
from tests.search.meilisearch.fake.server import MASTER, FakeServer

SIZE = 1000
DOCUMENTS = corpus(SIZE)
KIND = "things"
FACETS = ("region", "service_class", "method", "stage", "band", "deadline")
NO_SERVER = "MEILI_URL is not set: NOT PROVED against a real search server"
ENGINES = ("postgresql", "fake", pytest.param("server", marks=pytest.mark.needs_meili))
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("server", ENGINES, indirect=True)]


@dataclass
class Contract:
    """An engine with the documents of a test in it."""

    engine: SearchEngine
    held: dict[str, Document]
    settle: Callable[[Sequence[int]], Awaitable[None]]

    async def apply(self, *ops: IndexOp) -> None:
        for op in ops:
            if op.document is None:
                self.held.pop(op.id, None)
            else:
                self.held[op.id] = op.document
        if isinstance(self.engine, PgSearch):
            async with transaction():
                receipt = await self.engine.apply(ops)
        else:
            receipt = await self.engine.apply(ops)
        assert receipt.applied == len(ops)
        await self.settle(receipt.tasks)

    async def fill(self, documents: Sequence[Document]) -> None:
        self.held.clear()
        self.held |= {one.id: one for one in documents}
        assert await self.engine.rebuild(KIND, each(documents)) == len(documents)

    async def page(self, text: str = "", scope: Scope = ANYBODY, **more: object) -> SearchPage:
        return await self.engine.search(SearchQuery(KIND, text, NOW, **{"size": 50, **more}), scope)  # type: ignore[arg-type]

    async def all(self, text: str = "", scope: Scope = ANYBODY, **more: object) -> set[str]:
        return set(await self.in_order(text, scope, **more))

    async def in_order(self, text: str = "", scope: Scope = ANYBODY, **more: object) -> list[str]:
        """Page after page to the last one; every page but the last is full."""
        hits: list[str] = []
        for number in range(1, 21):
            page = await self.page(text, scope, page=number, **more)
            assert len(page.hits) == min(50, page.total - len(hits))
            hits += page.hits
            if len(hits) == page.total:
                break
        return hits


async def each(documents: Sequence[Document]) -> AsyncIterator[Document]:
    for one in documents:
        yield one


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeServer]:
    server = FakeServer().start()
    yield server
    server.stop()


async def nothing_to_settle(tasks: Sequence[int]) -> None:
    assert not tasks


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """None for PostgreSQL."""
    if request.param == "postgresql":
        request.getfixturevalue("database")
        yield None
        return
    opened = _server(request)
    yield opened
    opened.close()


@pytest.fixture
async def contract(server: Server | None, monkeypatch: pytest.MonkeyPatch) -> Contract:
    if server is None:
        return Contract(PgSearch(), {}, nothing_to_settle)
    held: dict[str, Document] = {}

    async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
        for one in held if ids is None else ids:
            if one in held:
                yield held[one]

    async def settle(tasks: Sequence[int]) -> None:
        await wait(server, tasks)

    monkeypatch.setitem(_KINDS, KIND, Kind(KIND, documents, None))  # type: ignore[arg-type]
    return Contract(MeiliSearch(server), held, settle)


def _server(request: pytest.FixtureRequest) -> Server:
    if request.param == "fake":
        fake: FakeServer = request.getfixturevalue("fake")
        return Server(fake.url, Secret(MASTER), seconds=5)
    if not os.environ.get("MEILI_URL"):
        pytest.skip(NO_SERVER)
    return Server(os.environ["MEILI_URL"].rstrip("/"), Secret(os.environ["MEILI_MASTER_KEY"]), seconds=10)


def said(one: Document) -> str:
    return folded("\n".join((one.title, one.code, one.service, one.company, one.body)))


def standing(text: str) -> set[str]:
    return {one.id for one in DOCUMENTS if all(word in said(one) for word in words_of(text))}


def alike(*texts: str) -> Callable[[Document], bool]:
    """What is read aloud: the title, the services and the firms."""
    return lambda one: any(text in field for text in texts for field in (one.title, one.service, one.company))


# By class what is typed, with what plainly looking at every document finds for it (None: the words themselves).
CLASSES: dict[str, dict[str, Callable[[Document], bool] | None]] = {
    "one character": dict.fromkeys(("水", "绘", "监")),
    "inside words": dict.fromkeys(("水处理厂", "程造价咨", "号地块")),
    "two characters": dict.fromkeys(("测绘", "检测", "自理", "现场")),
    "four and more": dict.fromkeys(("污水处理", "工程造价咨询", "测绘大学", "没有这个词", "第999号地块")),
    "mixed": dict.fromkeys(("RTK 无人机", "青岛 测绘", "bim", "gb/t", "GB/T 检测", "mx-2026-000012", "重庆 污水处理 成果", "BIM 测绘大学")),
    "other characters": dict.fromkeys(("測繪", "ＲＴＫ　無人機", "工程造價諮詢")),
    "pinyin": {"cehui": alike("测绘"), "dixing cehui": alike("地形测绘"), "jipaishui": alike("给排水"), "chongqing": alike("重庆"),
               "wushuichuli": alike("污水处理")},
    "readings beside words": {"rtk": lambda one: "rtk" in said(one), "qingdao": alike("青岛")},
    "initials": {"chdx": alike("测绘大学"), "wscl": alike("污水处理"), "qlhp": alike("齐鲁环评")},
    "synonyms": dict.fromkeys(("环评", "环境影响评价"), lambda one: "环评" in said(one) or "环境影响评价" in said(one)),
}  # fmt: skip
# What a server is not asked for (market.search.meilisearch.queries.suits).
ONLY_DATABASE = ("one character",)


async def test_every_class_of_queries_finds_all_that_is_there_and_nothing_else(contract: Contract) -> None:
    """Recall and precision of 1.000 among a thousand documents."""
    await contract.fill(DOCUMENTS)
    database = isinstance(contract.engine, PgSearch)
    for name, queries in CLASSES.items():
        for text, fits in queries.items() if database or name not in ONLY_DATABASE else ():
            truth = {one.id for one in DOCUMENTS if fits(one)} if fits else standing(text)
            assert bool(truth) == (text != "没有这个词"), text
            page = await contract.page(text)
            assert (page.total, page.total_exact, page.degraded) == (len(truth), True, False), (name, text)
            # As many hits as there are, and none that is not: page by page where those are few.
            hits = await contract.all(text) if len(truth) <= 300 else set(page.hits)
            assert hits == truth if len(truth) <= 300 else hits < truth, (name, text)


def span_of(one: Document) -> str:
    assert one.deadline
    left = one.deadline - NOW
    return next(
        key for key, (after, until) in DEADLINES.items() if (after is None or left > after) and (until is None or left <= until)
    )  # fmt: skip


async def test_filters_facets_and_ranges(contract: Contract) -> None:
    await contract.fill(DOCUMENTS)
    filters = (In("stage", ("sign_up",)), Eq("region", "370200"), In("deadline", ("7d", "later")))
    found = await contract.page("服务", filters=filters, facets=FACETS)
    here = [one for one in DOCUMENTS if "370200" in one.regions]
    soon = [one for one in here if span_of(one) in ("7d", "later")]
    kept = [one for one in soon if one.stage == "sign_up"]
    assert found.total == len(kept) > 0
    assert found.facets["method"] == Counter(one.method for one in kept)
    assert found.facets["band"] == Counter(one.band for one in kept)
    assert found.facets["stage"] == Counter(one.stage for one in soon)  # without its own filter
    assert found.facets["deadline"] == Counter(span_of(one) for one in here if one.stage == "sign_up")
    everywhere = [one for one in DOCUMENTS if one.stage == "sign_up" and span_of(one) in ("7d", "later")]
    assert found.facets["region"] == Counter(code for one in everywhere for code in one.regions)
    day = Range("published_at", low=NOW - timedelta(hours=10), high=NOW)
    assert await contract.all(filters=(day,)) == {f"t{number:04}" for number in range(10)}
    cheap = Range("amount_fen", low=100_000, high=500_000)
    assert await contract.all(filters=(cheap,)) == {one.id for one in DOCUMENTS if 100_000 <= one.amount_fen < 500_000}
    assert (await contract.page(filters=(In("stage", ()),))).total == 0
    some = In("id", ("t0003", "t0001", "nowhere"))
    assert await contract.all(filters=(some, Eq("stage", DOCUMENTS[1].stage))) >= {"t0001"}
    assert await contract.all(filters=(some,)) == {"t0001", "t0003"}


async def test_pages_hold_each_hit_once_and_the_newest_first(contract: Contract) -> None:
    await contract.fill(DOCUMENTS)
    assert await contract.in_order() == [f"t{number:04}" for number in range(SIZE)]
    assert (await contract.page(page=20)).hits[-1] == f"t{SIZE - 1:04}"


async def test_changes_and_removals(contract: Contract) -> None:
    await contract.fill(DOCUMENTS[:5])
    changed = replace(DOCUMENTS[1], title="旧桥梁检测")
    await contract.apply(
        IndexOp(KIND, changed.id, changed), IndexOp(KIND, "t0002", None), IndexOp(KIND, "没有/这个", None)
    )
    assert await contract.all() == {"t0000", "t0001", "t0003", "t0004"}
    assert await contract.all("旧桥梁") == {"t0001"}
    await contract.apply(IndexOp(KIND, changed.id, replace(changed, title="新的名称", body="", company="")))
    assert await contract.all("旧桥梁") == set()
    assert await contract.all("新的名称") == {"t0001"}


async def test_a_rebuild_leaves_nothing_of_before(contract: Contract) -> None:
    await contract.fill(DOCUMENTS[:20])
    await contract.fill(DOCUMENTS[10:12])
    assert await contract.all() == {"t0010", "t0011"}
    assert (await contract.engine.health()).documents.get(KIND, 2) == 2
    await contract.fill([])
    assert await contract.all() == set()


async def test_nobody_sees_beyond_the_own_scope(contract: Contract) -> None:
    hidden = document(1, visibility="owner-7", title="秘密测绘")
    await contract.fill([document(0, title="公开测绘"), hidden])
    for text in ("", "测绘", "秘密", "mimi", '测绘" visibility = "owner-7'):
        page = await contract.page(text, facets=FACETS)
        assert hidden.id not in page.hits, text
        assert all(sum(counts.values()) <= 1 for name, counts in page.facets.items() if name != "region"), text
    assert await contract.all("秘密", Scope(("public", "owner-7"))) == {hidden.id}
    assert [one.id for one in await contract.engine.suggest("测绘", KIND, ANYBODY, 5)] == ["t0000"]
    assert await contract.engine.suggest("秘密", KIND, ANYBODY, 5) == []


ATTACKS = (
    'x" OR visibility = "owner-7', 'public"]', "public\\", "' OR 1=1 --", "*", "", "a, visibility IN [owner-7]", "NOT", "_geoRadius(1,2,3)",
    "\x00", "'\"\\",
)  # fmt: skip


async def test_values_of_filters_are_never_language(contract: Contract) -> None:
    await contract.fill([document(0), document(1, visibility="owner-7")])
    for attack in ATTACKS:
        if "\x00" not in attack or not isinstance(
            contract.engine, PgSearch
        ):  # PostgreSQL's text holds no NUL; forms refuse it
            assert (await contract.page(filters=(Eq("stage", attack),))).total == 0, attack
            assert (await contract.page(filters=(In("region", (attack,)),))).total == 0, attack
            assert (await contract.page(filters=(), scope=Scope((attack or "nobody",)))).total == 0, attack


TYPED = ("x" * 10_000, "测" * 10_000, "%_\\", '"', '"""', "-测绘", "--", "-", "😀", "測繪", "\u200b", "' OR 1=1", "a\tb\nc", "（）", "AND OR NOT",
         "q" * 79 + " 测绘", " ".join("测绘" for _ in range(50)), "\ud800", "ﾃｽﾄ", "*:*")  # fmt: skip


async def test_anything_may_be_typed(contract: Contract) -> None:
    await contract.fill(DOCUMENTS[:30])
    for typed in TYPED:
        page = await contract.page(typed)
        assert 0 <= page.total <= 30
        assert isinstance(await contract.engine.suggest(typed, KIND, ANYBODY, 3), list | tuple)
    # A minus in front of a word would exclude it on the server.
    assert await contract.all("-测绘") <= {one.id for one in DOCUMENTS[:30] if "测绘" in said(one)}
