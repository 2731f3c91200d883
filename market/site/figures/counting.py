"""From a question to its answer: one statement a figure, the same for pages, files, programs and the regulator's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.catalogue.rules import Catalogue, Rulebook
from market.kernel.db import fetch
from market.site.figures.guarding import guarded
from market.site.figures.model import COUNTS, Answer, Asked, Figure, Line, Source, Values
from market.site.figures.periods import MONTH_NAMES, MONTH_STARTS, Period
from market.site.figures.scope import Field, Scope, watched_rows
from market.site.rules.figures import finest_level, months_between

# Which month it is, as a number: to write a month out for each of a million rows would cost more than to read them.
_MONTH = "width_bucket({moment}, {months})"
_OWNER = " LEFT JOIN organisation owner ON owner.id = p.owner_id"
_STATEMENT = """
WITH base AS MATERIALIZED (SELECT {line} AS line, {fields} FROM {tables} WHERE {where}{alike})
SELECT NULL::text AS key, {measures} FROM {whole}
"""
_WHOLE = "(SELECT NULL::text AS key, base.* FROM base) AS keyed"
# The same rows again, each with the line it stands in; one of several classes stands in several.
_LINES = " UNION ALL SELECT key::text, {measures} FROM {lines} GROUP BY key"
_SINGLE = "(SELECT base.line AS key, base.* FROM base WHERE base.line IS NOT NULL) AS keyed"
_SEVERAL = (
    "(SELECT k.key, base.* FROM base CROSS JOIN LATERAL unnest(base.line) AS k (key) WHERE k.key IS NOT NULL) AS keyed"
)
_ALIKE = " GROUP BY line, {fields}"
# Codes of all places with a project or an agency, found by hopping through the index.
_REGIONS = """
WITH RECURSIVE hop (code) AS (
  (SELECT region_code FROM project ORDER BY region_code USING ~<~ LIMIT 1)
  UNION ALL SELECT (SELECT region_code FROM project WHERE region_code ~>~ hop.code ORDER BY region_code USING ~<~ LIMIT 1)
  FROM hop WHERE hop.code IS NOT NULL)
SELECT code FROM hop WHERE code IS NOT NULL UNION SELECT region_code FROM organisation WHERE kind = 'agency'
"""


@dataclass(frozen=True)
class Books:
    """What figures take from the catalogue and the rulebook in force."""

    catalogue: Catalogue
    rulebook: Rulebook


class Parameters:
    """The values of a statement, and the names that the parts of a figure's source use for some of them."""

    def __init__(self, named: dict[str, Any]) -> None:
        self.values: list[Any] = []
        self._named = named
        self._places: dict[str, str] = {}

    def add(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def __getitem__(self, name: str) -> str:
        if name not in self._places:
            self._places[name] = self.add(self._named[name])
        return self._places[name]


async def regions_used() -> list[str]:
    """The codes of all places with a project or an agency, in order."""
    return sorted(row["code"] for row in await fetch(_REGIONS))


def prefixes(asked: Asked, scope: Scope | None) -> tuple[str, ...]:
    """The regions that a question is about, by their digits."""
    fields = scope.fields if scope is not None else (Field("", ""),)
    return tuple(asked.region if asked.region.startswith(one.prefix) else one.prefix for one in fields)


async def count(
    figure: Figure, asked: Asked, *, scope: Scope | None, books: Books, now: datetime, used: Sequence[str] | None = None
) -> Answer:
    """`scope`: None for the whole market. `used`: `regions_used()`, where the caller has it."""
    by = asked.by if asked.by in figure.breakdowns else figure.breakdowns[0]
    within = prefixes(asked, scope)
    codes = [code for code in (used if used is not None else await regions_used()) if code.startswith(within)]
    rows = await fetch(*_statement(figure, asked, by, asked.period, scope, books, now, digits=finest_level(codes)))
    counted = {row["key"]: _values(figure, row) for row in rows}
    whole = counted.pop(None, None) or _nothing(figure)
    found = {_named(by, key): values for key, values in counted.items()}
    lines = [Line(key, found[key]) for key in _keys(figure, by, list(found), found)]
    if by in figure.source.own:
        lines = [line for line in lines if figure.worth(line.values)]
    least = books.rulebook.integer("figure.least_shown")
    total, lines = guarded(figure, Line(None, whole), lines, least=least)
    previous = await _previous(figure, asked, scope, books, now)
    return Answer(
        figure, asked, by, total, tuple(lines), guarded(figure, previous, [], least=least)[0] if previous else None,
        now.replace(second=0, microsecond=0), books.rulebook.version,
    )  # fmt: skip


async def _previous(figure: Figure, asked: Asked, scope: Scope | None, books: Books, now: datetime) -> Line | None:
    before = asked.period.previous if asked.period and figure.source.moment else None
    if before is None:
        return None
    rows = await fetch(*_statement(figure, asked, "", before, scope, books, now))
    return Line(None, _values(figure, rows[0]) if rows else _nothing(figure))


def _statement(
    figure: Figure, asked: Asked, by: str, period: Period | None, scope: Scope | None, books: Books, now: datetime, *,
    digits: int = 0,
) -> tuple[Any, ...]:  # fmt: skip
    """The SQL and its values. `by`: "" for the whole alone."""
    items = books.catalogue.items
    given = Parameters({
        "now": now, "bands": sorted(books.rulebook.integers("credit.bands")),
        "items": [item.code for item in items], "item_classes": [item.service_class for item in items],
        "months": MONTH_STARTS,
    })  # fmt: skip
    source = figure.source
    conditions = _conditions(source, asked, period, given)
    if source.speaking and by not in source.own:
        conditions.append(source.speaking)
    if scope is not None:
        conditions.append(watched_rows(source, scope, given.add))
    fields = source.fields.format_map(given)
    sql = _STATEMENT.format(
        line=_key(source, by, digits, given), fields=f"{fields}, count(*) AS n" if source.alike else fields,
        tables=source.tables.format_map(given) + (_OWNER if by == "owner" or asked.owner else ""),
        where=" AND ".join(conditions) or "true", alike=_ALIKE.format(fields=fields) if source.alike else "",
        measures=source.measures, whole=source.fold.format(rows=_WHOLE),
    )  # fmt: skip
    if by:
        rows = _SEVERAL if by == "class" or (by == "region" and source.several_regions) else _SINGLE
        sql += _LINES.format(measures=source.measures, lines=source.fold.format(rows=rows))
    return sql, *given.values


def _conditions(source: Source, asked: Asked, period: Period | None, given: Parameters) -> list[str]:
    wanted = [source.where.format_map(given)] if source.where else []
    if asked.region:
        wanted.append(source.in_region.format(value=given.add(asked.region)))
    if asked.service_class:
        wanted.append(f"position({given.add(f'|{asked.service_class}|')} IN p.service_classes) > 0")
    if asked.method:
        wanted.append(f"p.method = {given.add(asked.method)}")
    if asked.owner:
        wanted.append(f"owner.kind = {given.add(asked.owner)}")
    if asked.agency:
        wanted.append(f"{source.agency} = {given.add(asked.agency)}")
    if period and source.moment:
        if period.starts_at:
            wanted.append(f"{source.moment} >= {given.add(period.starts_at)}")
        if period.ends_at:
            wanted.append(f"{source.moment} < {given.add(period.ends_at)}")
    return wanted


def _key(source: Source, by: str, digits: int, given: Parameters) -> str:
    if by in source.own:
        return source.own[by]
    if by == "month":
        return _MONTH.format(moment=source.moment, months=given["months"])
    return {
        "": "NULL::text",
        "region": source.regions.format(digits=digits),
        "class": "string_to_array(trim(BOTH '|' FROM p.service_classes), '|')",
        "method": "p.method",
        "owner": "owner.kind",
    }[by]


def _named(by: str, key: str) -> str:
    return MONTH_NAMES[int(key) - 1] if by == "month" else key


def _values(figure: Figure, row: dict[str, Any]) -> Values:
    summed = {one.id for one in figure.columns if one.unit in COUNTS or one.unit == "fen"}
    counted = {name: 0 if value is None and name in summed else value for name, value in row.items() if name != "key"}
    return {**counted, **figure.shares(counted)}


def _nothing(figure: Figure) -> Values:
    """Where no row is left: nothing of everything that is summed, and no rate of it."""
    counted = {one.id: 0 if one.unit in COUNTS or one.unit == "fen" else None for one in figure.columns}
    return {**counted, **figure.shares({"squares": 0, "top": 0, "sum": 0, **counted})}


def _keys(figure: Figure, by: str, found: list[str], values: dict[str, Values]) -> list[str]:
    """In the order of people: months without gaps, own groups as the figure names them, else the largest first."""
    if by == "month":
        filled = months_between(found)
        values.update({key: _nothing(figure) for key in filled if key not in values})
        return filled
    known = [key for key in found if key]
    if by == "band":
        return sorted(known)
    if by in figure.source.own and figure.names:
        order = list(figure.names)
        return sorted(known, key=lambda key: (order.index(key) if key in order else len(order), key))
    size = next(one.id for one in figure.columns if one.unit in COUNTS)
    return sorted(known, key=lambda key: (-(values[key][size] or 0), key))
