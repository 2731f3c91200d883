"""What the market asks and sends, in the words of a search server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.search.interface import ANYBODY, Document, Eq, In, Range, Scope, SearchQuery
from market.search.meilisearch.documents import as_json, key_of, moment
from market.search.meilisearch.index_settings import FILTERED, index_settings
from market.search.meilisearch.queries import Attempt, attempts, filter_of, first_question, further_questions, suits
from market.search.meilisearch.texts import hidden_words
from market.search.synonyms import Synonyms
from tests.search.corpus import NOW, document
from tests.search.meilisearch.fake.filters import parse
from tests.search.meilisearch.fake.schemas import BODIES

KNOWN = Synonyms((("环评", "环境影响评价"),))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("测绘", '"测绘"'),
        ("污水处理 青岛", '"污水处理" "青岛"'),
        ("GB/T 检测", '"gb/t" "检测"'),
        ("bim", "bim"),
        ("-工程监理", '"工程监理"'),
        ('测"绘', '"测 绘"'),
        ("环评 青岛", '环评 "青岛"'),  # the server puts synonyms in for loose words only
        ("", ""),
        ("%%% ()", ""),
    ],
)
def test_words_go_in_quotes(text: str, first: str) -> None:
    assert attempts(text, KNOWN)[0].q == first


def test_from_exact_to_loose() -> None:
    assert [one.q for one in attempts("测绘 cehui", KNOWN)] == [
        '"测绘" cehui',
        '"测绘" "ce hui"',
        "测绘 cehui",
        "测绘 cehui",
    ]
    assert [one.strategy for one in attempts("测绘", KNOWN)] == ["all", "all", "last"]
    assert '"c h d x"' in [one.q for one in attempts("chdx", KNOWN)]


@given(st.text(max_size=300))
def test_whatever_is_typed_no_word_excludes_and_quotes_are_closed(text: str) -> None:
    for attempt in attempts(text, KNOWN):
        assert attempt.q.count('"') % 2 == 0
        assert not any(piece.startswith("-") for piece in attempt.q.replace('"', " ").split())
        json.dumps(attempt.q).encode()


def test_what_the_database_does_better_is_left_to_it() -> None:
    assert suits(SearchQuery("projects", "测绘", NOW)) and suits(SearchQuery("projects", "", NOW))
    assert not suits(SearchQuery("projects", "水", NOW))
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
        "key", "id", "title", "code", "service", "company", "body", "tail", "py", "region", "service_class", "service_item", "method",
        "stage", "outcome", "band", "amount_fen", "published_at", "deadline", "visibility", "digest",
    }  # fmt: skip
    assert as_json(document(1))["digest"] == told["digest"] != as_json(document(1, title="x"))["digest"]
    assert moment(datetime(2026, 6, 16, 2, 0, 0, 1, tzinfo=UTC)) == 1_781_575_200_000_001
    assert as_json(Document("k", "1", "x"))["published_at"] is None


def test_words_that_the_server_would_not_see() -> None:
    """Examples of words inside words that its cutting loses."""
    for text, word in (
        ("总监理工程师", "监理"),
        ("待处理", "处理"),
        ("新能源", "能源"),
        ("招投标", "投标"),
        ("预决算", "决算"),
    ):
        assert word in hidden_words(text).split(), text
    assert "测绘" not in hidden_words("地形测绘").split()  # it cuts that itself
    assert hidden_words("BIM 建模 GB/T") == ""


def test_what_we_set_up_is_what_a_server_takes() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator(BODIES["update_all"]).validate(index_settings())
    assert index_settings()["displayedAttributes"] == ["id"]  # hits carry ids only
    assert "visibility" in index_settings()["filterableAttributes"]
