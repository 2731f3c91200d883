"""The market by region: what goes on in each part of a region, one level down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agencies.queries.directory import region_prefix
from market.kernel.db import fetch

_PROJECTS = """
SELECT rpad(left(region_code, $2), 6, '0') AS place, count(*) AS posted,
  count(*) FILTER (WHERE stage = 'sign_up' AND sign_up_opens_at <= $3 AND sign_up_closes_at > $3) AS open,
  count(result_final_at) AS selected,
  coalesce(sum(budget_fen - price_fen) FILTER (WHERE budget_fen IS NOT NULL AND result_final_at IS NOT NULL), 0)::bigint AS saved
FROM project WHERE starts_with(region_code, $1) GROUP BY 1
"""
_AGENCIES = """
SELECT rpad(left(o.region_code, $2), 6, '0') AS place, count(*) AS agencies
FROM agency a JOIN organisation o ON o.id = a.organisation_id
WHERE a.stage = 'admitted' AND starts_with(o.region_code, $1) GROUP BY 1
"""


@dataclass(frozen=True)
class Activity:
    """`open`: notices that can be signed up for; `selected`: final results; `saved`: estimates less prices, fen."""

    posted: int = 0
    open: int = 0
    selected: int = 0
    saved: int = 0
    agencies: int = 0


async def activity_in(code: str, now: datetime) -> Mapping[str, Activity]:
    """Region code one level below `code` -> what goes on there. What belongs to the region as a whole stands under its
    own code."""
    prefix = region_prefix(code)
    level = min(len(prefix) + 2, 6)
    found: dict[str, dict[str, Any]] = {}
    for row in [*await fetch(_PROJECTS, prefix, level, now), *await fetch(_AGENCIES, prefix, level)]:
        found.setdefault(row.pop("place"), {}).update(row)
    return {place: Activity(**counts) for place, counts in found.items()}
