"""The engine of PostgreSQL against what plainly stands in the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from market.kernel.db import fetch, transaction
from market.search.interface import ANYBODY, DEADLINES, Document, Eq, Facet, In, IndexOp, Range, Scope, SearchQuery
from market.search.postgres import PgSearch
from market.search.synonyms import Synonyms
from market.search.words import folded, words_of
from tests.search.corpus import NOW, corpus, document

SIZE = 300
DOCUMENTS = corpus(SIZE)
ENGINE = PgSearch(Synonyms((("环评", "环境影响评价"),)))
FACETS: tuple[Facet, ...] = ("region", "service_class", "method", "stage", "band", "deadline")


async def each(documents: Sequence[Document]) -> AsyncIterator[Document]:
    for one in documents:
        yield one


@pytest.fixture
async def filled(database: str) -> None:
    assert await ENGINE.rebuild("things", each(DOCUMENTS)) == SIZE


def said(one: Document) -> str:
    return folded("\n".join((one.title, one.code, one.service, one.company, one.body)))


def true_hits(text: str) -> set[str]:
    return {one.id for one in DOCUMENTS if all(word in said(one) for word in words_of(text))}


async def hits(text: str, **more: object) -> list[str]:
    found = await ENGINE.search(SearchQuery("things", text, NOW, size=50, **more), ANYBODY)  # type: ignore[arg-type]
    return list(found.hits)


async def test_it_finds_exactly_where_the_words_stand(filled: None) -> None:
    for text in (
        "水",
        "测绘",
        "污水处理",
        "水处理厂",
        "RTK 无人机",
        "gb/t",
        "bim",
        "GB/T 检测",
        "青岛 环境影响",
        "mx-2026-000012",
        "测绘大学",
        "踏勘，编",
        "没有这个",
    ):
        found = await ENGINE.search(SearchQuery("things", text, NOW, size=50), ANYBODY)
        if "环境影响评价" not in text:  # its synonym counts as well
            assert found.total == len(true_hits(text)), text
            assert set(found.hits) <= true_hits(text)
        assert found.total_exact and found.backend == "postgresql" and not found.degraded


async def test_the_terms_of_a_document_are_those_of_the_sql_function(filled: None) -> None:
    """Lists are searched by generated columns, documents by terms made in Python; ~ and ^ mark what is read aloud."""
    odd = document(SIZE, body="ＧＢ／Ｔ 50026－2020，水、Ab12测绘c\t㐀豈 " + "x" * 3000)
    async with transaction():
        await ENGINE.apply([IndexOp("things", odd.id, odd)])
    differ = await fetch(
        "SELECT id, sql, made FROM (SELECT id, tsvector_to_array(cjk_terms(replace(all_text, repeat('x', 3000), repeat('x', 80)))) AS sql,"
        " ARRAY(SELECT one FROM unnest(tsvector_to_array(terms)) one WHERE one !~ '^[~^]') AS made FROM search_document) d"
        " WHERE NOT (sql <@ made AND made <@ sql)"
    )
    assert differ == []


async def test_letters_find_what_is_read_so(filled: None) -> None:
    surveys = {one.id for one in DOCUMENTS if "测绘" in one.title + one.service + one.company}
    for typed in ("cehui", "ce hui", "ch"):
        assert (await ENGINE.search(SearchQuery("things", typed, NOW), ANYBODY)).total >= len(surveys)
    universities = {one.id for one in DOCUMENTS if "测绘大学" in one.company}
    assert universities
    assert set(await hits("chdx", page=1)) <= universities
    assert (await ENGINE.search(SearchQuery("things", "chdx", NOW), ANYBODY)).total == len(universities)
    assert (await ENGINE.search(SearchQuery("things", "jipaishui", NOW), ANYBODY)).total > 0


async def test_a_synonym_finds_what_the_word_does(filled: None) -> None:
    either = {one.id for one in DOCUMENTS if "环评" in said(one) or "环境影响评价" in said(one)}
    for text in ("环评", "环境影响评价"):
        assert (await ENGINE.search(SearchQuery("things", text, NOW), ANYBODY)).total == len(either)


async def test_the_title_comes_before_service_and_firm(filled: None) -> None:
    def rank(one: Document) -> int:
        return max(3 * ("测绘" in one.title), 2 * ("测绘" in one.service), 1 * ("测绘" in one.company))

    found = [next(one for one in DOCUMENTS if one.id == hit) for hit in await hits("测绘")]
    assert [rank(one) for one in found] == sorted((rank(one) for one in found), reverse=True)
    assert len({rank(one) for one in found}) > 1


async def test_sorts(filled: None) -> None:
    by_id = {one.id: one for one in DOCUMENTS}
    newest = [by_id[hit].published_at for hit in await hits("服务", sort="newest")]
    assert newest == sorted(filter(None, newest), reverse=True)
    amounts = [by_id[hit].amount_fen for hit in await hits("", sort="budget")]
    assert amounts == sorted((one.amount_fen for one in DOCUMENTS), reverse=True)[:50]
    open_first = [by_id[hit].deadline for hit in await hits("", sort="deadline")]
    assert open_first == sorted(one.deadline for one in DOCUMENTS if one.deadline and one.deadline > NOW)[:50]


def span_of(one: Document) -> str:
    left = one.deadline - NOW  # type: ignore[operator]
    return next(
        key for key, (after, until) in DEADLINES.items() if (after is None or left > after) and (until is None or left <= until)
    )  # fmt: skip


async def test_facets_count_without_their_own_filter(filled: None) -> None:
    filters = (In("stage", ("sign_up",)), Eq("region", "370200"), In("deadline", ("7d", "later")))
    found = await ENGINE.search(SearchQuery("things", "服务", NOW, filters=filters, facets=FACETS), ANYBODY)
    kept = [
        one
        for one in DOCUMENTS
        if one.stage == "sign_up" and "370200" in one.regions and span_of(one) in ("7d", "later")
    ]
    assert found.total == len(kept) > 0
    assert found.facets["method"] == Counter(one.method for one in kept)
    assert found.facets["service_class"] == Counter(one.service_classes[0] for one in kept)
    any_stage = [one for one in DOCUMENTS if "370200" in one.regions and span_of(one) in ("7d", "later")]
    assert found.facets["stage"] == Counter(one.stage for one in any_stage)
    anywhere = [one for one in DOCUMENTS if one.stage == "sign_up" and span_of(one) in ("7d", "later")]
    assert found.facets["region"] == Counter(code for one in anywhere for code in one.regions)
    any_time = [one for one in DOCUMENTS if one.stage == "sign_up" and "370200" in one.regions]
    assert found.facets["deadline"] == Counter(span_of(one) for one in any_time)


async def test_ranges(filled: None) -> None:
    day = NOW - timedelta(hours=10)
    assert set(await hits("", filters=(Range("published_at", low=day),))) == {f"t{n:04}" for n in range(10)}
    cheap = {one.id for one in DOCUMENTS if one.amount_fen < 500_000}
    assert set(await hits("", filters=(Range("amount_fen", high=500_000),))) == cheap


async def test_pages_end_where_the_hits_do(filled: None) -> None:
    pages = [
        await ENGINE.search(SearchQuery("things", "服务", NOW, page=page, size=50), ANYBODY) for page in range(1, 8)
    ]
    assert [len(page.hits) for page in pages] == [50] * 6 + [0]
    assert {page.total for page in pages} == {SIZE}
    assert len({hit for page in pages for hit in page.hits}) == SIZE


async def test_scope_is_what_may_be_seen(database: str) -> None:
    hidden = document(1, visibility="owner-7")
    async with transaction():
        await ENGINE.apply([IndexOp("things", one.id, one) for one in (document(0), hidden)])
    everything = SearchQuery("things", "", NOW, facets=("stage",))
    assert (await ENGINE.search(everything, ANYBODY)).hits == ("t0000",)
    assert sum((await ENGINE.search(everything, ANYBODY)).facets["stage"].values()) == 1
    assert len((await ENGINE.search(everything, Scope(("public", "owner-7")))).hits) == 2
    assert [one.id for one in await ENGINE.suggest("地块", "things", ANYBODY, 5)] == ["t0000"]
    with pytest.raises(ValueError, match="sees nothing"):
        Scope(())


async def undone(op: IndexOp) -> None:
    async with transaction():
        await ENGINE.apply([op])
        raise RuntimeError("undone")


async def test_documents_are_replaced_and_removed_with_the_transaction(database: str) -> None:
    first = document(0, title="旧的名称")
    async with transaction():
        await ENGINE.apply([IndexOp("things", "t0000", first)])
        assert await hits("旧的名称") == ["t0000"]
    with pytest.raises(RuntimeError, match="undone"):
        await undone(IndexOp("things", "t0000", document(0, title="另外的名称")))
    assert await hits("另外的") == []
    async with transaction():
        await ENGINE.apply([IndexOp("things", "t0000", document(0, title="新的名称"))])
    assert (await hits("旧的名称"), await hits("xindemingcheng")) == ([], ["t0000"])
    async with transaction():
        await ENGINE.apply([IndexOp("things", "t0000", None)])
    assert (await ENGINE.health()).documents == {}


async def test_suggestions_are_titles_that_begin_so(filled: None) -> None:
    found = await ENGINE.suggest("第12号", "things", ANYBODY, 5)
    assert [one.text[:5] for one in found] == ["第12号地"]
    assert all("测绘" in one.text for one in await ENGINE.suggest("ceh", "things", ANYBODY, 5))
    assert await ENGINE.suggest("%%", "things", ANYBODY, 5) == []
