"""What everybody may read: decisions, as long as they are published."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound
from ratings.cases.queries.cases import CASE_SQL, CaseView, all_fully, fully

_PUBLIC = "c.published_at <= $1 AND c.publish_until > $1 AND c.unpublished_at IS NULL"


async def published(now: datetime) -> list[CaseView]:
    """Newest first."""
    rows = await fetch(f"{CASE_SQL} WHERE {_PUBLIC} ORDER BY c.published_at DESC, c.id LIMIT 500", now)
    return await all_fully(rows)


async def decisions_of(organisation_id: UUID, now: datetime) -> list[CaseView]:
    rows = await fetch(f"{CASE_SQL} WHERE {_PUBLIC} AND c.organisation_id = $2 ORDER BY c.published_at DESC, c.id", now,
                       organisation_id)  # fmt: skip
    return await all_fully(rows)


async def published_case(number: str, now: datetime) -> CaseView:
    """Raises NotFound also for what was annulled, repaired or is over."""
    row = await fetch_one(f"{CASE_SQL} WHERE {_PUBLIC} AND c.number = $2", now, number)
    if row is None:
        raise NotFound
    return await fully(row)
