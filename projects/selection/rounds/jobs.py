"""What happens by itself: pools freeze at their deadline, decisions run when their round appears."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from market.beacon.source import beacon_in_force
from market.kernel.clock import Clock
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.jobs import defer, job
from market.kernel.sweep import one_by_one, sweep
from projects.experts.actions import DECIDE_JOB, NO_PANEL_JOB
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.rounds.actions import decide, freeze
from projects.selection.rounds.actions.evaluation import fail_without_panel
from projects.selection.rounds.actions.pools import ENTRIES_IN

BATCH = 100
# A decision this far behind its round has lost its job (killed too often, or given up after failures).
LOST_AFTER = timedelta(minutes=10)


@sweep("selection.freeze")
async def freeze_due(clock: Clock) -> int:
    """Freezes every pool whose sign-up is over."""
    now = clock.now()
    due = await fetch(
        f"SELECT p.id FROM project p WHERE p.stage = $1 AND {ENTRIES_IN} ORDER BY p.sign_up_closes_at LIMIT $3",
        str(Stage.SIGN_UP), now, BATCH,
    )  # fmt: skip
    return await one_by_one([row["id"] for row in due], "the freezing of a pool", lambda one: freeze(one, now))


@job(DECIDE_JOB)
async def run_decision(*, clock: Clock, round_id: str) -> None:
    project_id = await fetch_value("SELECT project_id FROM selection_round WHERE id = $1", UUID(round_id))
    await decide(project_id, beacon_in_force(), clock.now())


@job(NO_PANEL_JOB)
async def run_without_panel(*, clock: Clock, round_id: str) -> None:
    project_id = await fetch_value(
        "SELECT project_id FROM selection_round WHERE id = $1 AND annulled_at IS NULL", UUID(round_id)
    )
    if project_id is not None:
        async with transaction():
            await fail_without_panel(project_id, now=clock.now())


@sweep("selection.due_decisions")
async def find_due_decisions(clock: Clock) -> int:
    """Queues the decision where its round is out and no job is left that would make it: after live bidding, which may
    end days after the freeze, and where a job was lost."""
    now = clock.now()
    due = await fetch(
        "SELECT r.id FROM project p JOIN selection_round r ON r.project_id = p.id AND r.frozen_at IS NOT NULL"
        " AND r.drawn_at IS NULL AND r.annulled_at IS NULL AND r.superseded_at IS NULL"
        " WHERE p.stage = $1 AND p.due_at <= CASE WHEN p.method = ANY ($4) THEN $2::timestamptz ELSE $3::timestamptz END"
        " AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
        " WHERE j.task_name = $5 AND j.args ->> 'round_id' = r.id::text AND j.status IN ('todo', 'doing'))",
        str(Stage.DRAWING), now, now - LOST_AFTER, [code for code, one in METHODS.items() if one.live], DECIDE_JOB,
    )  # fmt: skip
    for row in due:
        async with transaction():
            await defer(DECIDE_JOB, round_id=str(row["id"]))
    return len(due) + await _find_lost_panels(now)


async def _find_lost_panels(now: datetime) -> int:
    """Panels that have signed, or whose order is used up, and no job is left that would draw the consequence."""
    due = await fetch(
        "SELECT r.id, w.task FROM project p JOIN selection_round r ON r.project_id = p.id AND r.drawn_at IS NULL"
        " AND r.annulled_at IS NULL JOIN expert_panel x ON x.round_id = r.id"
        " CROSS JOIN LATERAL (SELECT CASE WHEN x.failed_at IS NULL THEN $3 ELSE $4 END AS task) w"
        " WHERE p.stage = $1 AND coalesce(x.completed_at, x.failed_at) <= $2"
        " AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
        " WHERE j.task_name = w.task AND j.args ->> 'round_id' = r.id::text AND j.status IN ('todo', 'doing'))",
        str(Stage.EVALUATION), now - LOST_AFTER, DECIDE_JOB, NO_PANEL_JOB,
    )  # fmt: skip
    for row in due:
        async with transaction():
            await defer(row["task"], round_id=str(row["id"]))
    return len(due)
