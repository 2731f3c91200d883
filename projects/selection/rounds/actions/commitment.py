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
from projects.selection.dossiers.selection_format import purpose_of
from projects.selection.methods import METHODS
from projects.selection.rounds.rules import Cause


async def commit_round(
    project_id: UUID, *, no: int, cause: Cause | str, method: str, deadline: datetime, beacon: Beacon,
    rulebook: Rulebook, now: datetime,
) -> int | None:  # fmt: skip
    """Binds selection `no` of a project to the first beacon round that nobody can know before `deadline` (when the last
    entry can arrive), in the transaction of the notice that says so. A round of the project that has not frozen yet is
    superseded. Returns the number of the beacon round, for the register entry of the notice; None for a method that
    leaves nothing to chance."""
    require_transaction()
    beacon_round = _first_round(deadline, beacon, rulebook) if METHODS[method].beacon else None
    await execute(
        "UPDATE selection_round SET superseded_at = $2 WHERE project_id = $1 AND frozen_at IS NULL"
        " AND superseded_at IS NULL AND annulled_at IS NULL",
        project_id, now,
    )  # fmt: skip
    await execute(
        "INSERT INTO selection_round (id, project_id, no, purpose, cause, method, committed_at, deadline, beacon_chain,"
        " beacon_round) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        new_id(), project_id, no, purpose_of(no), str(Cause(cause)), method, now, deadline,
        beacon.chain.hash if beacon_round is not None else None, beacon_round,
    )  # fmt: skip
    return beacon_round


def _first_round(deadline: datetime, beacon: Beacon, rulebook: Rulebook) -> int:
    safety = rulebook.integer("beacon.safety_periods")
    if safety != SAFETY_PERIODS:
        raise ValueError(f"hmac-draw/1 is verified with {SAFETY_PERIODS} safety periods; the rulebook says {safety}")
    return first_round(beacon.chain, deadline, safety)
