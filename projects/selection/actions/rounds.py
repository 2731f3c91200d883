"""Committing to a beacon round before it exists."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.beacon.rules import SAFETY_PERIODS
from market.beacon.rules import commit_round as first_round
from market.beacon.source import Beacon
from market.catalogue.rules import Rulebook
from market.kernel.db import execute, require_transaction
from market.kernel.ids import new_id
from projects.selection.rules import Cause


async def commit_round(
    project_id: UUID, *, no: int, purpose: str, cause: Cause | str, deadline: datetime, beacon: Beacon,
    rulebook: Rulebook, now: datetime,
) -> int:  # fmt: skip
    """Binds the draw `no` of a project to the first beacon round that nobody can know before `deadline`, in the
    transaction of the notice that says so. A round of the project that has not frozen yet is superseded.
    Returns the number of the beacon round, for the register entry of the notice."""
    require_transaction()
    safety = rulebook.integer("beacon.safety_periods")
    if safety != SAFETY_PERIODS:
        raise ValueError(f"hmac-draw/1 is verified with {SAFETY_PERIODS} safety periods; the rulebook says {safety}")
    beacon_round = first_round(beacon.chain, deadline, safety)
    await execute(
        "UPDATE selection_round SET superseded_at = $2 WHERE project_id = $1 AND frozen_at IS NULL"
        " AND superseded_at IS NULL AND annulled_at IS NULL",
        project_id, now,
    )  # fmt: skip
    await execute(
        "INSERT INTO selection_round (id, project_id, no, purpose, cause, committed_at, deadline, beacon_chain,"
        " beacon_round) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        new_id(), project_id, no, purpose, str(Cause(cause)), now, deadline, beacon.chain.hash, beacon_round,
    )  # fmt: skip
    return beacon_round
