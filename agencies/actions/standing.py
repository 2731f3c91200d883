"""An agency's standing, replaced whole by the ratings that decided it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agencies.rules import Standing
from market.kernel.db import execute, require_transaction

_SET = """
INSERT INTO agency_standing (agency_id, suspended_until, suspension_reason, restricted_until, restriction_reason, score,
    updated_at, removed_since, removed_until, removal_decision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (agency_id) DO UPDATE SET suspended_until = $2, suspension_reason = $3, restricted_until = $4,
    restriction_reason = $5, score = $6, updated_at = $7, removed_since = $8, removed_until = $9, removal_decision = $10
"""


async def set_standing(agency_id: UUID, standing: Standing, *, now: datetime) -> None:
    """Replaces the agency's standing, in the caller's transaction: it was decided by the ratings of the same act."""
    require_transaction()
    removal = standing.removal
    await execute(
        _SET, agency_id, standing.suspended_until, standing.suspension_reason, standing.restricted_until,
        standing.restriction_reason, standing.score, now, removal.since if removal else None,
        removal.until if removal else None, removal.decision if removal else "",
    )  # fmt: skip
