"""The engine that is always there: PostgreSQL without any extension (docs/adr/0070, 0071).

A search is one statement: the rows in which the words stand, once; total, page and facets from those.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from market.kernel.db import execute, fetch, fetch_one, from_json, require_transaction, to_json, transaction
from market.search.interface import (
    DEADLINES,
    ApplyReceipt,
    Document,
    Eq,
    Facet,
    Filter,
    Health,
    IndexOp,
    Range,
    Scope,
    SearchPage,
    SearchQuery,
    Suggestion,
)
from market.search.reading import reading_of
from market.search.spelling import terms_of_reading
from market.search.synonyms import Synonyms, synonyms
from market.search.words import Wanted, exact, folded, question, terms_in, terms_of

BATCH: Final = 500
_SEVERAL: Final = {"region": "regions", "service_class": "service_classes", "service_item": "service_items"}
_COLUMN: Final[Mapping[str, str]] = {
    **_SEVERAL, "method": "method", "stage": "stage", "outcome": "outcome", "band": "band", "id": "id",
}  # fmt: skip
# What a word counts where it stands; and where these are read aloud, in the same order.
_PLACES: Final = {"named": 6, "service": 4, "company": 2}
_ALOUD: Final = "split_part(d.{way}, ';', {no})"
_ORDER: Final = {
    "relevance": "rank DESC, published_at DESC NULLS LAST, id",
    "newest": "published_at DESC NULLS LAST, id",
    "deadline": "coalesce(deadline <= {now}, true), deadline, id",
    "budget": "amount_fen DESC, id",
}


class _Arguments:
    """Parameters of a statement in the making: `$1` for the first one added, and so on; the same value once."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        for place, known in enumerate(self.values, start=1):
            if type(known) is type(value) and known == value:
                return f"${place}"
        self.values.append(value)
        return f"${len(self.values)}"


class PgSearch:
    """SearchEngine on the market's own database. Its documents are written in the transaction of each act."""

    def __init__(self, words: Synonyms | None = None) -> None:
        self.synonyms = words if words is not None else synonyms()

    async def search(self, query: SearchQuery, scope: Scope) -> SearchPage:
        statement, values = search_statement(query, scope, self.synonyms)
        row = await fetch_one(statement, *values)
        assert row is not None
        facets: dict[str, Mapping[str, int]] = {
            facet: _counts(facet, from_json(row[f"facet_{facet}"])) for facet in query.facets
        }
        return SearchPage(tuple(row["hits"] or ()), row["total"], facets=facets)

    async def suggest(self, prefix: str, kind: str, scope: Scope, limit: int) -> Sequence[Suggestion]:
        wanted = question(prefix, self.synonyms, typing=True)
        if not wanted:
            return []
        arguments = _Arguments()
        named = " AND ".join(_stands(one, arguments, "d.named", _ALOUD.format(way="{way}", no=1)) for one in wanted)
        first = arguments.add(f"{_escaped(wanted[0].texts[0])}%")
        rows = await fetch(
            f"SELECT id, title FROM search_document d WHERE {_matches(wanted, kind, scope, arguments)} AND {named}"
            f" ORDER BY named LIKE {first} DESC, length(title), published_at DESC NULLS LAST, id LIMIT {arguments.add(limit)}",
            *arguments.values,
        )
        return [Suggestion(kind, row["id"], row["title"]) for row in rows]

    async def apply(self, ops: Sequence[IndexOp]) -> ApplyReceipt:
        """In the caller's transaction."""
        require_transaction()
        gone = [(op.kind, op.id) for op in ops if op.document is None]
        if gone:
            await execute(
                "DELETE FROM search_document d USING unnest($1::text[], $2::text[]) AS gone (kind, id)"
                " WHERE d.kind = gone.kind AND d.id = gone.id",
                *(list(column) for column in zip(*gone, strict=True)),
            )
        await _write([op.document for op in ops if op.document is not None])
        return ApplyReceipt(len(ops))

    async def rebuild(self, kind: str, documents: AsyncIterator[Document]) -> int:
        """Acts that change documents wait until it is done; searches do not. The documents are read behind the lock, so
        none is older than an act that was waited for."""
        count = 0
        async with transaction():
            await execute("LOCK TABLE search_document IN SHARE ROW EXCLUSIVE MODE")
            await execute("DELETE FROM search_document WHERE kind = $1", kind)
            batch: list[Document] = []
            async for document in documents:
                batch.append(document)
                if len(batch) == BATCH:
                    count += await _write(batch)
                    batch = []
            count += await _write(batch)
        return count

    async def health(self) -> Health:
        rows = await fetch("SELECT kind, count(*) AS documents FROM search_document GROUP BY kind")
        return Health(True, "postgresql", {row["kind"]: row["documents"] for row in rows})


def search_statement(query: SearchQuery, scope: Scope, words: Synonyms) -> tuple[str, list[Any]]:
    """The one statement of a search and its parameters; it answers one row: total, hits, facet_<name> as JSON."""
    arguments = _Arguments()
    wanted = question(query.text, words)
    timely = "deadline" in query.facets or query.sort == "deadline"
    now = f"{arguments.add(query.now)}::timestamptz" if timely else ""
    counted = [one for one in query.filters if one.field in query.facets]
    plain = [one for one in query.filters if one.field not in query.facets]
    matches = [
        _matches(wanted, query.kind, scope, arguments),
        *(_passes(one, arguments, query.now) for one in plain),
    ]
    columns = [
        "id",
        "published_at",
        *_sort_columns(query.sort),
        *(f"{_facet_of(one, now)} AS {one}" for one in query.facets),
    ]
    columns += [f"{_passes(one, arguments, query.now)} AS passes_{place}" for place, one in enumerate(counted)]
    if query.sort == "relevance":
        columns.append(f"{_rank(wanted, arguments)} AS rank")
    kept = " AND ".join(f"passes_{place}" for place in range(len(counted))) or "true"
    order = _ORDER[query.sort].format(now=now)
    asked = [
        f"(SELECT count(*) FROM m WHERE {kept}) AS total",
        f"(SELECT array_agg(id) FROM (SELECT id FROM m WHERE {kept} ORDER BY {order}"
        f" LIMIT {arguments.add(query.size)} OFFSET {arguments.add((query.page - 1) * query.size)}) page) AS hits",
        *(_facet_counts(facet, counted) for facet in query.facets),
    ]
    statement = (
        f"WITH m AS MATERIALIZED (SELECT {', '.join(columns)} FROM search_document d WHERE {' AND '.join(matches)})"
        f" SELECT {', '.join(asked)}"
    )
    return statement, arguments.values


def ids_statement(text: str, kind: str, scope: Scope, words: Synonyms) -> tuple[str, list[Any]]:
    """Everything that is found, as rows of ids alone: to be compared with what should be."""
    arguments = _Arguments()
    return (
        f"SELECT id FROM search_document d WHERE {_matches(question(text, words), kind, scope, arguments)}",
        arguments.values,
    )


def _sort_columns(sort: str) -> list[str]:
    return {"deadline": ["deadline"], "budget": ["amount_fen"]}.get(sort, [])


def _matches(wanted: Sequence[Wanted], kind: str, scope: Scope, arguments: _Arguments) -> str:
    """The rows in which every wanted word is found. What the index says of long words is only nearly right: those are
    looked for in the text itself."""
    if not kind.isidentifier():
        raise ValueError(f"{kind!r} is no name of a kind")
    # In the statement itself, so that it finds the index of that kind.
    conditions = [f"d.kind = '{kind}'", f"d.visibility = ANY ({arguments.add(list(scope.sees))}::text[])"]
    if wanted:
        asked = " & ".join(f"({_tsquery(one)})" for one in wanted)
        conditions.append(f"d.terms @@ {arguments.add(asked)}::text::tsquery")
        conditions += [_stands(one, arguments) for one in wanted if not _certain(one)]
    return " AND ".join(conditions)


def _tsquery(wanted: Wanted) -> str:
    ways = [terms_of(text) for text in wanted.texts] + [spelling.terms for spelling in wanted.spellings]
    return " | ".join(f"({' & '.join(terms)})" for terms in ways)


def _certain(wanted: Wanted) -> bool:
    return not wanted.spellings and all(exact(text) for text in wanted.texts)


def _stands(wanted: Wanted, arguments: _Arguments, text: str = "d.all_text", aloud: str = "d.{way}") -> str:
    ways = [_either(text, wanted.texts, arguments)]
    ways += [_either(aloud.format(way=one.way), [one.run], arguments) for one in wanted.spellings]
    return f"({' OR '.join(ways)})"


def _rank(wanted: Sequence[Wanted], arguments: _Arguments) -> str:
    """For each word 3 in the title, else 2 in the name of a service, else 1 in that of a firm; read aloud it counts by a
    half. The best place alone: a title is no better for the name of the firm that was selected."""
    parts = []
    for one in wanted:
        places = [(weight, _either(f"d.{column}", one.texts, arguments)) for column, weight in _PLACES.items()]
        for no, weight in enumerate(_PLACES.values(), start=1):
            ways = [_either(_ALOUD.format(way=way.way, no=no), [way.run], arguments) for way in one.spellings]
            places += [(weight // 2, " OR ".join(ways))] if ways else []
        places.sort(key=lambda place: -place[0])
        parts.append(f"CASE {' '.join(f'WHEN {test} THEN {weight}' for weight, test in places)} ELSE 0 END")
    return " + ".join(parts) or "0"


def _either(column: str, texts: Sequence[str], arguments: _Arguments) -> str:
    return " OR ".join(f"{column} LIKE {arguments.add(f'%{_escaped(text)}%')}" for text in texts)


def _passes(one: Filter, arguments: _Arguments, now: datetime) -> str:
    if isinstance(one, Range):
        return _within(one, arguments)
    values = (one.value,) if isinstance(one, Eq) else one.values
    if one.field == "deadline":
        spans = [_span(key, arguments, now) for key in values if key in DEADLINES]
        return f"({' OR '.join(spans) or 'false'})"
    if one.field in _SEVERAL:
        ways = [f"d.{_SEVERAL[one.field]} LIKE {arguments.add(f'% {_escaped(value)} %')}" for value in values]
        return f"({' OR '.join(ways) or 'false'})"
    if one.field not in _COLUMN:
        raise ValueError(f"{one.field} is filtered by a range")
    return f"d.{_COLUMN[one.field]} = ANY ({arguments.add(list(values))}::text[])"


def _within(one: Range, arguments: _Arguments) -> str:
    above, below = (">=", "<") if one.field == "amount_fen" else (">", "<=")
    ways = [f"d.{one.field} {above} {arguments.add(one.low)}"] if one.low is not None else []
    ways += [f"d.{one.field} {below} {arguments.add(one.high)}"] if one.high is not None else []
    return f"coalesce({' AND '.join(ways) or 'true'}, false)"


def _span(key: str, arguments: _Arguments, now: datetime) -> str:
    after, until = DEADLINES[key]
    return _within(
        Range("deadline", now + after if after is not None else None, now + until if until is not None else None),
        arguments,
    )


def _facet_of(facet: Facet, now: str) -> str:
    if facet != "deadline":
        return f"d.{_COLUMN[facet]}"
    return (
        f"CASE WHEN d.deadline IS NULL THEN '' WHEN d.deadline <= {now} THEN 'over' WHEN d.deadline <= {now} + interval '2 days' THEN '2d'"
        f" WHEN d.deadline <= {now} + interval '7 days' THEN '7d' ELSE 'later' END"
    )


def _facet_counts(facet: Facet, counted: Sequence[Filter]) -> str:
    others = [f"passes_{place}" for place, one in enumerate(counted) if one.field != facet]
    return (
        f"(SELECT json_object_agg(value, hits) FROM (SELECT {facet} AS value, count(*) AS hits FROM m"
        f" WHERE {' AND '.join(others) or 'true'} GROUP BY 1) f WHERE value <> '') AS facet_{facet}"
    )


def _counts(facet: Facet, counted: Mapping[str, int] | None) -> dict[str, int]:
    """Several codes of one row count for each of them."""
    if facet not in _SEVERAL:
        return dict(counted or {})
    found: dict[str, int] = {}
    for codes, hits in (counted or {}).items():
        for code in codes.split():
            found[code] = found.get(code, 0) + hits
    return found


_WRITE = """
INSERT INTO search_document (kind, id, visibility, title, named, service, company, all_text, syllables, initials, regions,
    service_classes, service_items, method, stage, outcome, band, amount_fen, published_at, deadline, terms)
SELECT kind, id, visibility, title, named, service, company, all_text, syllables, initials, regions, service_classes,
    service_items, method, stage, outcome, band, amount_fen, published_at, deadline,
    array_to_tsvector(terms)
FROM jsonb_to_recordset($1::jsonb) AS one (kind text, id text, visibility text, title text, named text, service text,
    company text, all_text text, syllables text, initials text, regions text, service_classes text, service_items text,
    method text, stage text, outcome text, band text, amount_fen bigint, published_at timestamptz, deadline timestamptz,
    terms text[])
ON CONFLICT (kind, id) DO UPDATE SET visibility = excluded.visibility, title = excluded.title, named = excluded.named,
    service = excluded.service, company = excluded.company, all_text = excluded.all_text, syllables = excluded.syllables,
    initials = excluded.initials, regions = excluded.regions, service_classes = excluded.service_classes,
    service_items = excluded.service_items, method = excluded.method, stage = excluded.stage, outcome = excluded.outcome,
    band = excluded.band, amount_fen = excluded.amount_fen, published_at = excluded.published_at,
    deadline = excluded.deadline, terms = excluded.terms
"""


async def _write(documents: Sequence[Document]) -> int:
    if documents:
        await execute(_WRITE, to_json([row_of(document) for document in documents]))
    return len(documents)


def row_of(document: Document) -> dict[str, Any]:
    """The columns of a document; `terms`: of its text, and what readings add to them. Made here: the SQL function takes
    several times as long."""
    named, service, company = folded(document.title), folded(document.service), folded(document.company)
    read = [reading_of(text) for text in (named, service, company)]
    text = "\n".join((named, folded(document.code), service, company, folded(document.body)))
    return {
        "kind": document.kind, "id": document.id, "visibility": document.visibility, "title": document.title, "named": named,
        "service": service, "company": company, "all_text": text,
        "syllables": ";".join(one.syllables for one in read), "initials": ";".join(one.initials for one in read),
        "regions": _between(document.regions), "service_classes": _between(document.service_classes),
        "service_items": _between(document.service_items), "method": document.method, "stage": document.stage,
        "outcome": document.outcome, "band": document.band, "amount_fen": document.amount_fen,
        "published_at": document.published_at.isoformat() if document.published_at else None,
        "deadline": document.deadline.isoformat() if document.deadline else None,
        "terms": [*terms_in(text), *(term for one in read for term in terms_of_reading(one))],
    }  # fmt: skip


def _between(codes: Sequence[str]) -> str:
    return f" {' '.join(codes)} " if codes else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
