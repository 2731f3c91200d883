"""A question of the market's in the words of the server, and the server's answer as a page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.search.interface import (
    DEADLINES,
    Eq,
    Filter,
    In,
    Range,
    Scope,
    SearchPage,
    SearchQuery,
)
from market.search.meilisearch.documents import index_of, moment
from market.search.meilisearch.index_settings import FILTERED, MOST_COUNTED, TEXTS
from market.search.synonyms import Synonyms, synonyms
from market.search.words import Wanted, question, words_of

_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LOOSE: Final = re.compile(r"[a-z0-9]+")
_UNSAFE: Final = re.compile(r'["\\\x00-\x1f\x7f]')
NOTHING: Final = "visibility IN []"
DEADLINE: Final = "deadline"


@dataclass(frozen=True)
class Attempt:
    """One way to put the text to the server; the first one with hits is the answer."""

    q: str
    strategy: str = "all"
    attributes: tuple[str, ...] = ()


def suits(query: SearchQuery) -> bool:
    """Is this a question for the server? A single character it finds only where a word begins, and an order other than
    its own it keeps only among equally good hits: both are PostgreSQL's."""
    alone = any(len(word) == 1 and _CHINESE.match(word) for word in words_of(query.text))
    return query.sort == "relevance" and not alone


def attempts(text: str, known: Synonyms | None = None, *, typing: bool = False) -> tuple[Attempt, ...]:
    """From exact to loose. Chinese words in quotes, since the server would look for their parts; as syllables where letters
    are the spelling of Chinese; then without quotes; then with words left out from the end."""
    wanted = question(text, synonyms() if known is None else known, typing=typing)
    if not wanted:
        return (Attempt(""),)
    quoted = " ".join(_quoted(one) for one in wanted)
    plain = " ".join(_plain(one.texts[0]) for one in wanted)
    tries = [
        Attempt(quoted, attributes=TEXTS),
        *_spelled(wanted),
        Attempt(plain, attributes=TEXTS),
        Attempt(plain, "last", TEXTS),
    ]
    return tuple(dict.fromkeys(tries))


def _quoted(wanted: Wanted) -> str:
    """A plain word of letters may have an ending, and a word with synonyms stays without quotes: the server puts them in
    for loose words only."""
    word = _plain(wanted.texts[0])
    return word if len(wanted.texts) > 1 or _LOOSE.fullmatch(word) else f'"{word}"'


def _plain(word: str) -> str:
    """Without the signs that mean something in a query: quotes, and a minus in front, which would exclude."""
    return word.replace('"', " ").lstrip("-").strip()


def _spelled(wanted: Sequence[Wanted]) -> Iterator[Attempt]:
    ways = max(len(one.spellings) for one in wanted)
    for way in range(ways):
        parts = [
            f'"{" ".join(one.spellings[min(way, len(one.spellings) - 1)].parts)}"' if one.spellings else _quoted(one)
            for one in wanted
        ]
        yield Attempt(" ".join(parts))


def filter_of(filters: Sequence[Filter], scope: Scope, now: datetime) -> list[str]:
    """All of them are needed. Names come from our own list; a value that could end its quotes matches nothing."""
    conditions = (_condition(one, now) for one in filters)
    return [_one_of("visibility", scope.sees), *(one for one in conditions if one)]


def _condition(given: Filter, now: datetime) -> str:
    if given.field not in FILTERED:
        raise ValueError(f"{given.field} is not a field to filter by")
    if isinstance(given, Range):
        return _between(given)
    values = (given.value,) if isinstance(given, Eq) else given.values
    if given.field == DEADLINE:
        spans = [_span(value, now) for value in values if value in DEADLINES]
        return " OR ".join(f"({span})" for span in spans) if spans else NOTHING
    return _one_of(given.field, values)


def _one_of(name: str, values: Sequence[str]) -> str:
    safe = [f'"{value}"' for value in values if not _UNSAFE.search(value)]
    return f"{name} IN [{', '.join(safe)}]" if safe else NOTHING


def _between(given: Range) -> str:
    low, high = _number(given.low), _number(given.high)
    closed = given.field == "amount_fen"  # fen from low on; moments after low
    parts = [f"{given.field} {'>=' if closed else '>'} {low}"] if low is not None else []
    parts += [f"{given.field} {'<' if closed else '<='} {high}"] if high is not None else []
    return " AND ".join(parts)


def _number(bound: int | datetime | None) -> int | None:
    return moment(bound) if isinstance(bound, datetime) else bound


def _span(key: str, now: datetime) -> str:
    after, until = DEADLINES[key]
    parts = [f"{DEADLINE} > {moment(now + after)}"] if after is not None else []
    parts += [f"{DEADLINE} <= {moment(now + until)}"] if until is not None else []
    return " AND ".join(parts)


def first_question(query: SearchQuery, scope: Scope, attempt: Attempt) -> dict[str, Any]:
    """The hits of the page, and the counts of those facets that have no filter of their own."""
    asked = _put(query, scope, attempt, query.filters)
    asked |= {"page": query.page, "hitsPerPage": query.size, "attributesToRetrieve": ["id"]}
    filtered = {one.field for one in query.filters}
    if facets := [name for name in query.facets if name != DEADLINE and name not in filtered]:
        asked["facets"] = facets
    # Among equally good hits the newest first; without a text all are equally good.
    return asked | {"sort": ["published_at:desc"]}


@dataclass(frozen=True)
class Further:
    """A question that only counts: `facet` without its own filter; for deadlines one question a span."""

    facet: str
    span: str
    asked: Mapping[str, Any]


def further_questions(query: SearchQuery, scope: Scope, attempt: Attempt) -> tuple[Further, ...]:
    filtered = {one.field for one in query.filters}
    found = []
    for facet in query.facets:
        others = tuple(one for one in query.filters if one.field != facet)
        if facet == DEADLINE:
            found += [
                Further(facet, span, _count(query, scope, attempt, (*others, In(DEADLINE, (span,)))))
                for span in DEADLINES
            ]
        elif facet in filtered:
            found.append(Further(facet, "", _count(query, scope, attempt, others) | {"facets": [facet]}))
    return tuple(found)


def _count(query: SearchQuery, scope: Scope, attempt: Attempt, filters: Sequence[Filter]) -> dict[str, Any]:
    return _put(query, scope, attempt, filters) | {"page": 1, "hitsPerPage": 1, "attributesToRetrieve": ["id"]}


def _put(query: SearchQuery, scope: Scope, attempt: Attempt, filters: Sequence[Filter]) -> dict[str, Any]:
    put: dict[str, Any] = {
        "indexUid": index_of(query.kind), "q": attempt.q, "matchingStrategy": attempt.strategy, "locales": ["cmn"],
        "filter": filter_of(filters, scope, query.now),
    }  # fmt: skip
    if attempt.attributes:
        put["attributesToSearchOn"] = list(attempt.attributes)
    return put


def page_from(first: Mapping[str, Any], further: Sequence[tuple[Further, Mapping[str, Any]]]) -> SearchPage:
    """Raises KeyError, TypeError or ValueError for what no search server answers."""
    total = int(first["totalHits"])
    facets = {name: _counts(values) for name, values in (first.get("facetDistribution") or {}).items()}
    for one, answer in further:
        if one.span:
            facets.setdefault(one.facet, {})
            if count := int(answer["totalHits"]):
                facets[one.facet][one.span] = count
        else:
            facets[one.facet] = _counts(answer["facetDistribution"][one.facet])
    return SearchPage(
        hits=tuple(str(hit["id"]) for hit in first["hits"]), total=total, total_exact=total < MOST_COUNTED, facets=facets,
        backend="meilisearch",
    )  # fmt: skip


def _counts(values: Mapping[str, Any]) -> dict[str, int]:
    return {value: int(count) for value, count in values.items() if value and int(count)}
