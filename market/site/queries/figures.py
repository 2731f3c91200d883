"""The headline figures of the front page: the whole market month by month, from one index."""

from __future__ import annotations

from typing import Any

from market.kernel.db import fetch
from market.kernel.money import Money
from market.site.rules.figures import COUNTS, Tally, sum_of, with_gaps_filled

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
# The index project_figures holds all of these columns: the front page does not read the table itself.
_HEADLINE = f"{_LATE} SELECT {_MONTH} AS month, {_COUNTED} GROUP BY 1"


async def headline() -> tuple[Tally, dict[str, Tally]]:
    """The whole market since its beginning, and month by month."""
    months = _by_month({row["month"]: _tally(row) for row in await fetch(_HEADLINE)})
    return sum_of(list(months.values())), months


def _by_month(groups: dict[Any, Tally]) -> dict[str, Tally]:
    return with_gaps_filled({f"{month:%Y-%m}": tally for month, tally in sorted(groups.items())})


def _tally(row: dict[str, Any]) -> Tally:
    counts = {name: row[name] for name in COUNTS}
    return Tally(**counts, budget=Money(row["budget"]), price=Money(row["price"]))
