"""A question of the market's in the words of the server, and the server's answer as a page. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from market.search.meilisearch.texts import is_spoken, written
from market.search.words import Wanted, question, runs_of

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
    """Is this a question for the server? An order other than its own it keeps only among equally good hits. A lone character
    it finds only where it stands alone, and a spelling only where that was indexed: all this is PostgreSQL's."""
    return query.sort == "relevance" and all(_suits(one) for one in question(query.text))


def _suits(wanted: Wanted) -> bool:
    word = wanted.texts[0]
    lone = any(len(run) == 1 and not run.isascii() for run in runs_of(word))
    return not lone and all("'" not in word and is_spoken(one) for one in wanted.spellings)


def attempts(text: str, *, typing: bool = False) -> tuple[Attempt, ...]:
    """From exact to loose: each word as it is; then its pieces wherever they stand; then with pieces left out from the end.
    How something is read aloud is looked at only where letters may be the spelling of Chinese."""
    wanted = question(text, typing=typing)
    if not wanted:
        return (Attempt(""),)
    attributes = () if any(one.spellings for one in wanted) else TEXTS
    # The server completes the last word only, and none in quotes.
    exact = " ".join(sorted((_exact(one) for one in wanted), key=lambda q: not q.startswith('"')))
    loose = " ".join(written(one.texts[0]) for one in wanted)
    return tuple(dict.fromkeys([
        Attempt(exact, attributes=attributes), Attempt(loose, attributes=attributes), Attempt(loose, "last", attributes),
    ]))  # fmt: skip


def _exact(wanted: Wanted) -> str:
    """In quotes pieces stand in a row. A single word of letters may have an ending and slips, unless it spells Chinese."""
    pieces = written(wanted.texts[0])
    return f'"{pieces}"' if wanted.spellings or " " in pieces or not pieces.isascii() else pieces


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
