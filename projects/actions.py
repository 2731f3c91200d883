"""Moving a project from stage to stage: the only writer of its stage and of the facts the stage follows from."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import execute, fetch_one, require_transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.register.actions import record
from projects.announcements import tell_of_move
from projects.queries import PROJECT_SQL, ProjectView, project_view
from projects.rules import TAKEN_BACK, Facts, Stage, may_move, stage_of
from projects.search import tell_search

_FACTS = tuple(one.name for one in fields(Facts))
# What a move may set beside the stage and its due time.
_SETTABLE = frozenset(_FACTS) | {
    "winner_id", "result_notice_ends_at", "withdrawal_reason", "failure_reason", "sign_up_opens_at", "sign_up_closes_at",
    "bidding_starts_at", "price_fen",
}  # fmt: skip


async def lock_project(project_id: UUID) -> ProjectView:
    """The project as it is now, locked until the transaction ends. Lock it before its rounds, contracts and agencies."""
    require_transaction()
    row = await fetch_one(f"{PROJECT_SQL} WHERE p.id = $1 FOR NO KEY UPDATE OF p", project_id)
    if row is None:
        raise NotFound
    return project_view(row)


async def move_project(project_id: UUID, *, expect: Stage, to: Stage, due_at: datetime | None, **facts: Any) -> None:
    """Moves the project and sets its facts, in the caller's transaction. Going back to a draw or to sign-up takes back
    the facts of the annulled draw. Raises Refusal when somebody else moved it first."""
    require_transaction()
    if not may_move(expect, to) or not facts.keys() <= _SETTABLE:
        raise ValueError(f"no move from {expect} to {to} with {sorted(facts)}")
    values = {"stage": str(to), "due_at": due_at} | dict.fromkeys(TAKEN_BACK.get(to, ())) | facts
    row = await _compare_and_set(project_id, expect, values)
    if row is None:
        raise stage_moved()
    if stage_of(Facts(**row)) is not to:
        raise ValueError(f"the facts of the move from {expect} to {to} do not make it {to}")
    await tell_search(project_id)
    await tell_of_move(project_id, expect, to)


async def _compare_and_set(project_id: UUID, expect: Stage, values: dict[str, Any]) -> dict[str, Any] | None:
    assignments = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=3))
    return await fetch_one(
        f"UPDATE project SET {assignments} WHERE id = $1 AND stage = $2 RETURNING {', '.join(_FACTS)}",
        project_id, str(expect), *values.values(),
    )  # fmt: skip


def stage_moved() -> Refusal:
    return Refusal(
        "project.stage_moved",
        N_("The project has moved on in the meantime, so this step is not possible any more. Nothing was changed."),
        todo=N_("Open the project again to see where it stands."),
    )


async def close_project(project_id: UUID, *, now: datetime) -> None:
    """The end of a project that went well: both sides have rated, or the time to rate is over."""
    project = await lock_project(project_id)
    await move_project(project_id, expect=Stage.ACCEPTED, to=Stage.CLOSED, due_at=None, closed_at=now)
    await record("project.closed", subject=project.number, by="market", data={}, at=now)


async def pause_posting(owner_id: UUID, until: datetime | None, *, now: datetime) -> None:
    """The owner cannot publish while now < until (None: it can), in the transaction of the breach that decided it."""
    require_transaction()
    await execute(
        "INSERT INTO project_owner_pause VALUES ($1, $2, $3)"
        " ON CONFLICT (owner_id) DO UPDATE SET paused_until = $2, updated_at = $3",
        owner_id, until, now,
    )  # fmt: skip
