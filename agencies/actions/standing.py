"""An agency's standing, replaced whole by the ratings that decided it, and held while an award is made.

Between the moment at which an award looks at an agency and its own end nothing may change what was seen. The award tries
for the locks of those who change it and never waits: a sweep comes again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agencies.rules import Standing
from market.kernel.db import execute, fetch_value, require_transaction

_SET = """
INSERT INTO agency_standing (agency_id, suspended_until, suspension_reason, restricted_until, restriction_reason, score,
    updated_at, removed_since, removed_until, removal_decision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (agency_id) DO UPDATE SET suspended_until = $2, suspension_reason = $3, restricted_until = $4,
    restriction_reason = $5, score = $6, updated_at = $7, removed_since = $8, removed_until = $9, removal_decision = $10
"""
_LISTS = "hashtextextended('imported lists', 0)"
_ONE = "hashtextextended('standing:' || $1::uuid::text, 0)"


async def set_standing(agency_id: UUID, standing: Standing, *, now: datetime) -> None:
    """Replaces the agency's standing, in the caller's transaction: it was decided by the ratings of the same act."""
    require_transaction()
    removal = standing.removal
    await execute(f"SELECT pg_advisory_xact_lock({_ONE})", agency_id)
    await execute(
        _SET, agency_id, standing.suspended_until, standing.suspension_reason, standing.restricted_until,
        standing.restriction_reason, standing.score, now, removal.since if removal else None,
        removal.until if removal else None, removal.decision if removal else "",
    )  # fmt: skip


async def lock_lists() -> None:
    """Before the lists of other authorities change: until the transaction ends nobody is awarded anything. Shared by all
    who change them: a list of a million lines holds up no other."""
    require_transaction()
    await execute(f"SELECT pg_advisory_xact_lock_shared({_LISTS})")


async def hold_standing(agency_id: UUID) -> bool:
    """Keeps stage, standing and listings of an agency as they are until the transaction ends. False where an act is
    changing one of them, or another award is being made, this moment."""
    require_transaction()
    held: bool = await fetch_value(
        f"SELECT pg_try_advisory_xact_lock({_LISTS}) AND pg_try_advisory_xact_lock_shared({_ONE}) AND EXISTS"
        " (SELECT 1 FROM agency WHERE organisation_id = $1 FOR SHARE SKIP LOCKED)", agency_id,
    )  # fmt: skip
    return held
