"""What the market asks and sends, in the words of a search server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.search.interface import ANYBODY, Document, Eq, In, Range, Scope, SearchQuery
from market.search.meilisearch.documents import as_json, key_of, moment
from market.search.meilisearch.index_settings import FILTERED, TEXTS, index_settings
from market.search.meilisearch.queries import Attempt, attempts, filter_of, first_question, further_questions, suits
from market.search.meilisearch.texts import field_of, spoken, written
from market.search.reading import reading_of
from market.search.spelling import spellings_of
from market.search.synonyms import Synonyms
from tests.search.corpus import NOW, document
from tests.search.meilisearch.fake.filters import parse
from tests.search.meilisearch.fake.schemas import BODIES

KNOWN = Synonyms((("环评", "环境影响评价"),))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("测绘", '"测绘"'),
        ("污水处理 青岛", '"污水 水处 处理" "青岛"'),
        ("GB/T 检测", '"gb t" "检测"'),
        ("survey", "survey"),
        ("survey 测绘", '"测绘" survey'),  # the server completes the last word only
        ("cehui", '"cehui"'),
        ("BIM建模", '"bim 建模"'),
        ("-工程监理", '"工程 程监 监理"'),
        ('测绘"大学', '"测绘" "大学"'),
        ("", ""),
        ("%%% ()", ""),
    ],
)
def test_words_go_in_quotes(text: str, first: str) -> None:
    assert attempts(text)[0].q == first


def test_from_exact_to_loose() -> None:
    tries = attempts("污水处理 survey")
    assert [one.q for one in tries] == ['"污水 水处 处理" survey', "污水 水处 处理 survey", "污水 水处 处理 survey"]
    assert [one.strategy for one in tries] == ["all", "all", "last"]
    # Readings only where letters may be meant so.
    assert [one.attributes for one in tries] == [TEXTS, TEXTS, TEXTS]
    assert {one.attributes for one in attempts("cehui 青岛")} == {()}


@given(st.text(max_size=300))
def test_whatever_is_typed_no_word_excludes_and_quotes_are_closed(text: str) -> None:
    for attempt in attempts(text):
        assert attempt.q.count('"') % 2 == 0
        assert not any(piece.startswith("-") for piece in attempt.q.replace('"', " ").split())
        json.dumps(attempt.q).encode()


def test_what_the_database_does_better_is_left_to_it() -> None:
    assert suits(SearchQuery("projects", "测绘", NOW)) and suits(SearchQuery("projects", "", NOW))
    for text in ("水", "2026年", "青岛 A座", "xi'an", "wushuichulichang", "abcdfgh"):  # lone characters, long spellings
        assert not suits(SearchQuery("projects", text, NOW)), text
    assert all(suits(SearchQuery("projects", text, NOW)) for text in ("GB/T 检测", "wushuichuli", "chdx", "owner's"))
    assert not suits(SearchQuery("projects", "测绘", NOW, sort="newest"))


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_no_value_can_become_language(value: str, stage: str) -> None:
    """Read by a parser of the language, a filter passes exactly the documents that have the value itself."""
    made = filter_of((Eq("stage", value), In("region", (stage, value))), ANYBODY, NOW)
    test = parse(made, FILTERED)
    hidden = {"visibility": "owner-7", "stage": value, "region": [value]}
    assert not test(hidden)
    assert not test({"visibility": "public", "stage": value + "x", "region": [value]})
    plain = value.isprintable() and not set('"\\') & set(value)
    if plain:
        assert test({"visibility": "public", "stage": value, "region": ["370000", value]})


def test_an_unknown_field_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="not a field"):
        filter_of((Eq("secret", "x"),), ANYBODY, NOW)  # type: ignore[arg-type]


def test_spans_and_ranges_mean_what_they_say() -> None:
    day = timedelta(days=1)
    within = parse(filter_of((In("deadline", ("2d", "7d")),), ANYBODY, NOW), FILTERED)
    passing = {
        hours
        for hours in range(-48, 24 * 10, 12)
        if within({"visibility": "public", "deadline": moment(NOW + timedelta(hours=hours))})
    }
    assert passing == {hours for hours in range(-48, 240, 12) if 0 < hours <= 24 * 7}
    assert not within({"visibility": "public", "deadline": None})
    money = parse(filter_of((Range("amount_fen", 100, 200),), ANYBODY, NOW), FILTERED)
    assert [fen for fen in (99, 100, 199, 200) if money({"visibility": "public", "amount_fen": fen})] == [100, 199]
    time = parse(filter_of((Range("published_at", NOW - day, NOW),), ANYBODY, NOW), FILTERED)
    found = [at for at in (NOW - day, NOW - day / 2, NOW) if time({"visibility": "public", "published_at": moment(at)})]
    assert found == [NOW - day / 2, NOW]
    assert filter_of((Range("amount_fen"),), ANYBODY, NOW) == ['visibility IN ["public"]']


def test_every_question_names_whose_eyes_search() -> None:
    query = SearchQuery(
        "projects",
        "测绘",
        NOW,
        filters=(In("stage", ("a",)), Eq("band", "b")),
        facets=("stage", "band", "region", "deadline"),
    )
    scope = Scope(("public", "owner-7"))
    first = first_question(query, scope, Attempt('"测绘"'))
    further = further_questions(query, scope, Attempt('"测绘"'))
    assert first["facets"] == ["region"]
    assert sorted((one.facet, one.span) for one in further) == [
        ("band", ""), ("deadline", "2d"), ("deadline", "7d"), ("deadline", "later"), ("deadline", "over"), ("stage", ""),
    ]  # fmt: skip
    for asked in (first, *(one.asked for one in further)):
        assert asked["filter"][0] == 'visibility IN ["public", "owner-7"]'
        assert asked["attributesToRetrieve"] == ["id"]


@given(st.text(min_size=1, max_size=100))
def test_every_id_has_a_key_of_its_own(identity: str) -> None:
    if identity.isprintable():
        assert set(key_of(identity)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
        assert key_of(identity) == key_of(identity)
        assert key_of("_" + identity) != key_of(identity)


def test_a_document_holds_named_fields_only_and_its_digest_follows_from_them() -> None:
    told = as_json(document(1))
    assert set(told) == {
        "key", "id", "title", "code", "service", "company", "body", "py", "region", "service_class", "service_item", "method",
        "stage", "outcome", "band", "amount_fen", "published_at", "deadline", "visibility", "digest",
    }  # fmt: skip
    assert as_json(document(1))["digest"] == told["digest"] != as_json(document(1, title="x"))["digest"]
    assert moment(datetime(2026, 6, 16, 2, 0, 0, 1, tzinfo=UTC)) == 1_781_575_200_000_001
    assert as_json(Document("k", "1", "x"))["published_at"] is None


def test_texts_go_in_pieces_that_leave_the_server_no_choice() -> None:
    assert written("GB/T 污水处理（ＧＩＳ）第9标段") == "gb t 污水 水处 处理 gis 第 9 标段"
    assert written("😀%_") == ""
    assert field_of("道路环境影响评价", KNOWN) == ["道路 路环 环境 境影 影响 响评 评价", "环评"]
    assert field_of("环评与环境影响评价", KNOWN) == [written("环评与环境影响评价")]


def test_everything_that_may_be_typed_for_a_part_of_a_name_is_a_word_of_its_reading() -> None:
    reading = reading_of("西安地形测绘GB大学")
    words = spoken(reading).split()
    for typed in ("xian", "cehui", "dixingcehui", "hui", "chdx", "dxch", "daxue"):
        fits = any(reading.says(one) for one in spellings_of(typed))
        assert (typed in words) == fits == (typed != "chdx"), typed  # no reading reaches over what is not Chinese
    assert "hang" not in spoken(reading_of("恒安南谷")).split()  # typed for a syllable, never for initials


def test_what_we_set_up_is_what_a_server_takes() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator(BODIES["update_all"]).validate(index_settings())
    assert index_settings()["displayedAttributes"] == ["id"]  # hits carry ids only
    assert "visibility" in index_settings()["filterableAttributes"]
