"""The market's figures, counted where the projects lie. One statement for all groups, so that they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from market.catalogue.queries import catalogue, catalogue_versions
from market.catalogue.rules import Catalogue
from market.kernel.db import fetch
from market.kernel.money import Money
from market.site.rules.figures import (
    COUNTS,
    LEVELS,
    Figures,
    Filters,
    StageTime,
    Tally,
    finest_level,
    region_at,
    sum_of,
    with_gaps_filled,
)

_LATE = """
WITH late AS MATERIALIZED (
  SELECT DISTINCT c.project_id FROM delivery d JOIN contract c ON c.id = d.contract_id WHERE d.late_days > 0),
"""
_COLUMNS = """
  p.id, p.published_at, p.budget_fen, p.price_fen, p.result_final_at, p.signed_at, p.accepted_at, p.failed_at,
  p.withdrawn_at, p.budget_fen IS NOT NULL AND p.result_final_at IS NOT NULL AS priced
"""
_FILTERED = """
  FROM project p
  WHERE ($1::text = '' OR starts_with(p.region_code, $1)) AND ($2::text[] IS NULL OR p.service_items && $2)
    AND ($3::timestamptz IS NULL OR p.published_at >= $3) AND ($4::timestamptz IS NULL OR p.published_at < $4)
"""
_BASE = f"""{_LATE} base AS MATERIALIZED (
  SELECT p.region_code, p.service_items, p.method, {_COLUMNS} {_FILTERED})
"""
# The index project_figures holds all of these columns: the front page does not read the table itself.
_NARROW_BASE = f"{_LATE} base AS MATERIALIZED (SELECT {_COLUMNS} FROM project p)"
_COUNTED = """
  count(*) AS posted, count(b.result_final_at) AS selected, count(b.signed_at) AS signed,
  count(b.accepted_at) AS fulfilled, count(b.failed_at) AS failed, count(b.withdrawn_at) AS withdrawn,
  count(*) FILTER (WHERE b.accepted_at IS NOT NULL AND late.project_id IS NULL) AS on_time,
  count(*) FILTER (WHERE b.priced) AS priced,
  coalesce(sum(b.budget_fen) FILTER (WHERE b.priced), 0)::bigint AS budget,
  coalesce(sum(b.price_fen) FILTER (WHERE b.priced), 0)::bigint AS price
FROM base b LEFT JOIN late ON late.project_id = b.id
"""
_MONTH = "to_char(b.published_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
# A project whose items belong to several classes counts once in each of them.
_CLASSES = (
    " CROSS JOIN LATERAL (SELECT DISTINCT i.class AS class FROM unnest($5::text[], $6::text[]) AS i (item, class)"
    " WHERE i.item = ANY (b.service_items)) c"
)


def _group(kind: str, key: str, joined: str = "") -> str:
    return f"SELECT '{kind}' AS kind, {key} AS key, {_COUNTED}{joined} GROUP BY 2"


_TOTAL = f"SELECT 'total' AS kind, '' AS key, {_COUNTED}"
_ALL_GROUPS = " UNION ALL ".join((
    _TOTAL, _group("month", _MONTH), _group("region", "b.region_code"), _group("method", "b.method"),
    _group("class", "c.class", _CLASSES),
))  # fmt: skip
_HEADLINE = f"{_TOTAL} UNION ALL {_group('month', _MONTH)}"

# Stage -> from which moment to which.
STAGES: Mapping[str, tuple[str, str]] = {
    "sign_up": ("published_at", "frozen_at"),
    "draw": ("frozen_at", "drawn_at"),
    "notice": ("drawn_at", "result_final_at"),
    "contract": ("result_final_at", "signed_at"),
    "fulfilment": ("signed_at", "accepted_at"),
    "whole": ("published_at", "accepted_at"),
}
_TIMES = " UNION ALL ".join(
    f"SELECT {place} AS place, '{stage}' AS stage, count(*) AS projects,"
    f" percentile_disc(0.5) WITHIN GROUP (ORDER BY {end} - {start}) AS median,"
    f" percentile_disc(0.9) WITHIN GROUP (ORDER BY {end} - {start}) AS ninth"
    f" FROM base WHERE {start} IS NOT NULL AND {end} IS NOT NULL"
    for place, (stage, (start, end)) in enumerate(STAGES.items())
)
_TIMED_BASE = f"""
WITH base AS MATERIALIZED (
  SELECT p.published_at, p.frozen_at, p.drawn_at, p.result_final_at, p.signed_at, p.accepted_at {_FILTERED})
"""


async def figures(filters: Filters, *, book: Catalogue | None = None) -> Figures:
    """All figures of the projects published in the period and region. `book` says which item is of which class; the
    newest catalogue where it is not given (item codes never change their class)."""
    book = book or await catalogue((await catalogue_versions())[0].version)
    groups = await _groups(_ALL_GROUPS, filters, book)
    return Figures(
        filters=filters,
        total=groups["total"].get("", Tally()),
        months=with_gaps_filled(groups["month"]),
        regions=_by_level(groups["region"]),
        classes={one.code: groups["class"][one.code] for one in book.classes if one.code in groups["class"]},
        methods=groups["method"],
        times=await _times(filters, book),
    )


async def headline() -> tuple[Tally, dict[str, Tally]]:
    """The whole market since its beginning, and month by month."""
    rows = await fetch(_NARROW_BASE + _HEADLINE)
    groups = _sorted_out(rows)
    return groups["total"].get("", Tally()), with_gaps_filled(groups["month"])


async def _groups(statement: str, filters: Filters, book: Catalogue) -> dict[str, dict[str, Tally]]:
    codes = [item.code for item in book.items]
    classes = [item.service_class for item in book.items]
    return _sorted_out(await fetch(_BASE + statement, *_parameters(filters, book), codes, classes))


def _sorted_out(rows: list[dict[str, Any]]) -> dict[str, dict[str, Tally]]:
    groups: dict[str, dict[str, Tally]] = {kind: {} for kind in ("total", "month", "region", "method", "class")}
    for row in sorted(rows, key=lambda row: row["key"]):
        groups[row["kind"]][row["key"]] = _tally(row)
    return groups


def _parameters(filters: Filters, book: Catalogue) -> tuple[Any, ...]:
    items = [item.code for item in book.items_in(filters.service_class)] if filters.service_class else None
    return filters.region, items, filters.starts_at, filters.ends_at


def _tally(row: dict[str, Any]) -> Tally:
    counts = {name: row[name] for name in COUNTS}
    return Tally(**counts, budget=Money(row["budget"]), price=Money(row["price"]))


def _by_level(counties: Mapping[str, Tally]) -> dict[str, Tally]:
    """Counties taken together at the widest level that still shows a difference."""
    level = finest_level(list(counties))
    places: defaultdict[str, list[Tally]] = defaultdict(list)
    for code, tally in counties.items():
        places[region_at(code, level)].append(tally)
    return {place: sum_of(tallies) for place, tallies in places.items()}


async def _times(filters: Filters, book: Catalogue) -> tuple[StageTime, ...]:
    rows = await fetch(f"{_TIMED_BASE} {_TIMES} ORDER BY place", *_parameters(filters, book))
    return tuple(
        StageTime(row["stage"], row["projects"], row["median"], row["ninth"]) for row in rows if row["projects"]
    )


async def regions_used() -> list[str]:
    """The codes of all regions that ever had a project, and of those around them."""
    rows = await fetch("SELECT DISTINCT region_code FROM project")
    return sorted({region_at(row["region_code"], level) for row in rows for level in LEVELS})
