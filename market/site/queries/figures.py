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
    DirectShare,
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
judged AS MATERIALIZED (
  SELECT c.project_id, bool_or(v.outcome = 'passed') AND NOT bool_or(v.outcome = 'returned') AS first
  FROM report_verdict v JOIN contract c ON c.id = v.contract_id
  WHERE v.outcome <> 'void' AND NOT EXISTS (SELECT 1 FROM report_verdict l WHERE l.corrects_id = v.id) GROUP BY 1)
"""
_PRICED = "p.budget_fen IS NOT NULL AND p.result_final_at IS NOT NULL"
_MONTH = "date_trunc('month', p.published_at AT TIME ZONE 'Asia/Shanghai')"
_COUNTED = f"""
  count(*) AS posted, count(p.result_final_at) AS selected, count(p.signed_at) AS signed,
  count(p.accepted_at) AS fulfilled, count(p.failed_at) AS failed, count(p.withdrawn_at) AS withdrawn,
  count(p.accepted_at) FILTER (WHERE late.project_id IS NULL) AS on_time, count(*) FILTER (WHERE {_PRICED}) AS priced,
  count(judged.project_id) AS judged, count(*) FILTER (WHERE judged.first) AS passed_first,
  coalesce(sum(p.budget_fen) FILTER (WHERE {_PRICED}), 0)::bigint AS budget,
  coalesce(sum(p.price_fen) FILTER (WHERE {_PRICED}), 0)::bigint AS price
FROM project p LEFT JOIN late ON late.project_id = p.id LEFT JOIN judged ON judged.project_id = p.id
"""
_FILTERED = """
WHERE ($1::text = '' OR starts_with(p.region_code, $1)) AND ($2::text[] IS NULL OR p.service_items && $2)
  AND ($3::timestamptz IS NULL OR p.published_at >= $3) AND ($4::timestamptz IS NULL OR p.published_at < $4)
"""
_CUTS = ("month", "region_code", "method", "service_items")
# One pass over the projects; each row belongs to the one cut whose column is not rolled up.
_GROUPS = f"""{_LATE}
SELECT {_MONTH} AS month, p.region_code, p.method, p.service_items,
  GROUPING({_MONTH}, p.region_code, p.method, p.service_items) AS rolled_up, {_COUNTED} {_FILTERED}
GROUP BY GROUPING SETS (({_MONTH}), (p.region_code), (p.method), (p.service_items))
"""
# The index project_figures holds all of these columns: the front page does not read the table itself.
_HEADLINE = f"{_LATE} SELECT {_MONTH} AS month, {_COUNTED} GROUP BY 1"

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
  SELECT p.published_at, p.frozen_at, p.drawn_at, p.result_final_at, p.signed_at, p.accepted_at FROM project p {_FILTERED})
"""
# Every owner with a direct selection in a year, the most of them first.
_DIRECT = f"""
SELECT date_part('year', p.published_at AT TIME ZONE 'Asia/Shanghai')::integer AS year, o.code, o.name, count(*) AS posted,
  count(*) FILTER (WHERE p.method = 'direct') AS direct, sum(p.amount_fen)::bigint AS amount,
  sum(p.amount_fen) FILTER (WHERE p.method = 'direct')::bigint AS direct_amount
FROM project p JOIN organisation o ON o.id = p.owner_id {_FILTERED} AND p.stage NOT IN ('failed', 'withdrawn')
GROUP BY 1, 2, 3 HAVING bool_or(p.method = 'direct') ORDER BY year DESC, direct_amount DESC, o.code
"""
Groups = dict[Any, Tally]


async def figures(filters: Filters, *, book: Catalogue | None = None) -> Figures:
    """All figures of the projects published in the period and region. `book` says which item is of which class; the
    newest catalogue where it is not given (item codes never change their class)."""
    book = book or await catalogue((await catalogue_versions())[0].version)
    groups = await _groups(filters, book)
    months = _by_month(groups["month"])
    return Figures(
        filters=filters,
        total=sum_of(list(months.values())),
        months=months,
        regions=_by_level(groups["region_code"]),
        classes=_by_class(groups["service_items"], book),
        methods=groups["method"],
        times=await _times(filters, book),
        direct=await _direct(filters, book),
    )


async def headline() -> tuple[Tally, dict[str, Tally]]:
    """The whole market since its beginning, and month by month."""
    months = _by_month({row["month"]: _tally(row) for row in await fetch(_HEADLINE)})
    return sum_of(list(months.values())), months


async def _groups(filters: Filters, book: Catalogue) -> dict[str, Groups]:
    """Cut -> its groups, each in the order of its keys."""
    groups: dict[str, Groups] = {cut: {} for cut in _CUTS}
    for row in await fetch(_GROUPS, *_parameters(filters, book)):
        cut = next(name for place, name in enumerate(reversed(_CUTS)) if not row["rolled_up"] >> place & 1)
        key = tuple(row[cut]) if cut == "service_items" else row[cut]
        groups[cut][key] = _tally(row)
    return {cut: dict(sorted(found.items())) for cut, found in groups.items()}


def _by_month(groups: Groups) -> dict[str, Tally]:
    return with_gaps_filled({f"{month:%Y-%m}": tally for month, tally in sorted(groups.items())})


def _by_class(groups: Groups, book: Catalogue) -> dict[str, Tally]:
    """A project whose items belong to several classes counts once in each of them."""
    class_of = {item.code: item.service_class for item in book.items}
    found: defaultdict[str, list[Tally]] = defaultdict(list)
    for items, tally in groups.items():
        for service_class in {class_of[item] for item in items if item in class_of}:
            found[service_class].append(tally)
    return {one.code: sum_of(found[one.code]) for one in book.classes if one.code in found}


def _parameters(filters: Filters, book: Catalogue) -> tuple[Any, ...]:
    items = [item.code for item in book.items_in(filters.service_class)] if filters.service_class else None
    return filters.region, items, filters.starts_at, filters.ends_at


def _tally(row: dict[str, Any]) -> Tally:
    counts = {name: row[name] for name in COUNTS}
    return Tally(**counts, budget=Money(row["budget"]), price=Money(row["price"]))


def _by_level(counties: Groups) -> dict[str, Tally]:
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


async def _direct(filters: Filters, book: Catalogue) -> tuple[DirectShare, ...]:
    rows = await fetch(_DIRECT, *_parameters(filters, book))
    amounts = ("amount", "direct_amount")
    return tuple(DirectShare(**{**row, **{name: Money(row[name]) for name in amounts}}) for row in rows)


async def regions_used() -> list[str]:
    """The codes of all regions that ever had a project, and of those around them."""
    rows = await fetch("SELECT DISTINCT region_code FROM project")
    return sorted({region_at(row["region_code"], level) for row in rows for level in LEVELS})
