"""Finding documents: a plain model of the server's tokens. Ranking, typing errors and prefixes inside Chinese runs are not
modelled; what rests on them is marked needs_meili in the tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import rjieba

from tests.search.meilisearch.fake.filters import BadFilter, parse

Document = Mapping[str, Any]
MOST_TERMS = 10
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_PIECE = re.compile(r'(-?)"([^"]*)"?|(\S+)')


class BadSearch(Exception):
    """Carries the server's error code and what it says."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@lru_cache(maxsize=50_000)
def tokens(text: str) -> tuple[str, ...]:
    """Words of a text in small letters, Chinese cut by the dictionary: for what the market sends, the tokens of the server
    itself (tests/search/charabia)."""
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        found += rjieba.cut(run, False) if "\u3400" <= run[0] <= "\ufaff" else [run]
    return tuple(found)


def find(documents: Sequence[Document], query: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a search, without what only the server of all indexes knows. Raises BadSearch."""
    passing = _filtered(documents, query.get("filter"), settings)
    hits = _matching(passing, query, settings)
    hits = _sorted(hits, query.get("sort") or [], settings)
    answer: dict[str, Any] = {
        "hits": _page(hits, query, settings),
        "query": query.get("q") or "",
        "processingTimeMs": 0,
    }
    answer |= _counts(len(hits), query, settings)
    if query.get("facets"):
        answer["facetDistribution"] = _facets(hits, query["facets"], settings)
        answer["facetStats"] = {}
    return answer


def _filtered(documents: Sequence[Document], given: Any, settings: Mapping[str, Any]) -> list[Document]:
    try:
        test = parse(given, settings["filterableAttributes"])
    except BadFilter as wrong:
        raise BadSearch("invalid_search_filter", str(wrong)) from wrong
    return [document for document in documents if test(document)]


@dataclass(frozen=True)
class Term:
    """A row of tokens. `prefix`: the beginning of a word counts as well."""

    row: tuple[str, ...]
    prefix: bool = False


def _matching(documents: list[Document], query: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Document]:
    searched = query.get("attributesToSearchOn") or settings["searchableAttributes"]
    wanted, refused = _terms(query.get("q") or "")
    for count in range(len(wanted), 0, -1):
        found = [one for one in documents if _all_found(one, wanted[:count], refused, searched)]
        if found or query.get("matchingStrategy", "last") != "last":
            return found
    return [] if wanted else [one for one in documents if _all_found(one, [], refused, searched)]


def _terms(text: str) -> tuple[list[Term], list[Term]]:
    """What must and what must not occur; ten terms count."""
    wanted: list[Term] = []
    refused: list[Term] = []
    for minus, phrase, word in _PIECE.findall(text):
        parts = tokens(word.lstrip("-") or phrase)
        if not parts:
            continue
        if word.startswith("-"):  # only the first token of what follows is excluded
            refused.append(Term(parts[:1]))
            wanted += [Term((part,)) for part in parts[1:]]
        elif word:
            wanted += [Term((part,)) for part in parts]
        else:
            (refused if minus else wanted).append(Term(parts))
    wanted = wanted[:MOST_TERMS]
    if wanted and not text.rstrip().endswith('"'):
        wanted[-1] = Term(wanted[-1].row, prefix=True)
    return wanted, refused


def _all_found(document: Document, wanted: Sequence[Term], refused: Sequence[Term], searched: Sequence[str]) -> bool:
    texts = [tokens(text) for name in searched for text in _words(document.get(name))]
    return all(_stands(term, texts) for term in wanted) and not any(_stands(term, texts) for term in refused)


def _stands(term: Term, texts: Sequence[tuple[str, ...]]) -> bool:
    return any(_holds(text, term.row, term.prefix) for text in texts)


def _words(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _holds(text: tuple[str, ...], way: tuple[str, ...], prefix: bool) -> bool:
    size = len(way)
    if prefix and size == 1:
        return any(word.startswith(way[0]) for word in text)
    return any(text[place : place + size] == way for place in range(len(text) - size + 1))


def _sorted(hits: list[Document], sort: Sequence[str], settings: Mapping[str, Any]) -> list[Document]:
    for rule in reversed(sort):
        name, _, way = rule.rpartition(":")
        if way not in ("asc", "desc") or name not in settings["sortableAttributes"]:
            raise BadSearch("invalid_search_sort", f"Attribute `{name}` is not sortable.")
        known = sorted(
            (one for one in hits if one.get(name) is not None), key=lambda one: one[name], reverse=way == "desc"
        )
        hits = known + [one for one in hits if one.get(name) is None]
    return hits


def _most(settings: Mapping[str, Any]) -> int:
    most: int = settings["pagination"]["maxTotalHits"]
    return most


def _page(hits: list[Document], query: Mapping[str, Any], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    hits = hits[: _most(settings)]
    if _by_page(query):
        size, page = query.get("hitsPerPage") or 20, query.get("page") or 1
        hits = hits[(page - 1) * size : page * size]
    else:
        start = query.get("offset", 0)
        hits = hits[start : start + query.get("limit", 20)]
    shown = set(settings["displayedAttributes"])
    if (asked := query.get("attributesToRetrieve")) is not None:
        shown &= set(asked) if "*" not in shown else set(asked) | {"*"}
    return [{name: value for name, value in hit.items() if name in shown or "*" in shown} for hit in hits]


def _by_page(query: Mapping[str, Any]) -> bool:
    return query.get("page") is not None or query.get("hitsPerPage") is not None


def _counts(total: int, query: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int]:
    total = min(total, _most(settings))
    if not _by_page(query):
        return {"limit": query.get("limit", 20), "offset": query.get("offset", 0), "estimatedTotalHits": total}
    size = query.get("hitsPerPage") or 20
    return {"hitsPerPage": size, "page": query.get("page") or 1, "totalPages": -(-total // size), "totalHits": total}


def _facets(hits: Sequence[Document], asked: Sequence[str], settings: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    wrong = set(asked) - set(settings["filterableAttributes"]) - {"*"}
    if wrong:
        raise BadSearch(
            "invalid_search_facets", f"Invalid facet distribution: Attribute `{min(wrong)}` is not filterable."
        )
    most = settings["faceting"]["maxValuesPerFacet"]
    found = {}
    for name in asked:
        counted = Counter(value for hit in hits for value in _words(hit.get(name)))
        found[name] = dict(sorted(counted.items())[:most])
    return found
