"""Freezing a pool: who is in it is decided once, written down with every reason, published, and never touched again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.queries import facts_of
from market.beacon.rules import round_time
from market.beacon.source import beacon_in_force
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook
from market.kernel.db import execute, execute_many, fetch, fetch_value, require_transaction, to_json, transaction
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project, move_project
from projects.eligibility import Line, assess
from projects.queries import ProjectView, demand_of
from projects.rules import TAKEN_BACK, Stage
from projects.selection.actions.rounds import commit_round
from projects.selection.draw import DrawInput
from projects.selection.draw import Entrant as Ticketed
from projects.selection.queries import RoundView, open_round, standing_round
from projects.selection.rules import (
    TICKETS,
    TOO_FEW,
    Annulment,
    Candidate,
    Cause,
    Pool,
    abandoned_line,
    barred,
    build_pool,
    left_out_line,
    minimum,
    purpose_of,
    too_few,
)
from projects.selection.wording import reason_text

DRAW_JOB = "selection.draw"


async def freeze(project_id: UUID, now: datetime) -> bool:
    """Freezes the pool of a project whose sign-up is over, or fails the project when too few are left. False when
    there is nothing to do, or another process is doing it."""
    async with transaction():
        due = await fetch_value(
            "SELECT id FROM project WHERE id = $1 AND stage = $3 AND sign_up_closes_at <= $2 FOR UPDATE SKIP LOCKED",
            project_id, now, str(Stage.SIGN_UP),
        )  # fmt: skip
        if due is None:
            return False
        project = await lock_project(project_id)
        current = await open_round(project_id)
        if current is None:
            raise RuntimeError(f"project {project.number} is open for sign-up but bound to no beacon round")
        signed_up = await _signed_up(project_id)
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        pool = await _pool(project, signed_up, {}, rulebook, now)
        await _settle(project, current, pool, needed=_needed(project, rulebook), now=now)
    return True


async def redraw(project_id: UUID, *, cause: Cause | str, exclude: Collection[UUID], now: datetime) -> Stage:
    """A further draw for a recorded legal cause, inside the transaction that records it: among the last pool without
    `exclude`, assessed again, under a beacon round that lies after `now`. With nobody left the project fails.
    Returns the stage the project is in now."""
    require_transaction()
    cause = Cause(cause)
    project = await lock_project(project_id)
    last = await standing_round(project_id)
    if last is None or last.pool is None:
        raise RuntimeError(f"project {project.number} has no draw that could be repeated")
    await annul(last, Annulment(cause), now=now)
    signed_up = await _signed_up(project_id, within=[one.code for one in last.pool])
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    out = await _given_up(project_id) | dict.fromkeys(exclude, left_out_line(cause))
    pool = await _pool(project, signed_up, out, rulebook, now)
    following = await _commit_further(project, last.no + 1, cause, rulebook, deadline=now, now=now)
    return await _settle(project, following, pool, needed=1, now=now)


async def annul(round_: RoundView, why: Annulment, *, now: datetime) -> None:
    await execute(
        "UPDATE selection_round SET annulled_at = $2, annulment_reason = $3 WHERE id = $1", round_.id, now, str(why)
    )


async def reopen(project_id: UUID, *, cause: Cause, closes_at: datetime, now: datetime) -> None:
    """Opens sign-up again after an upheld objection: those who signed up stay, others may come, all are assessed at
    the new close. In the transaction of the decision."""
    require_transaction()
    project = await lock_project(project_id)
    last = await standing_round(project_id)
    if last is None:
        raise RuntimeError(f"project {project.number} has no draw that could be annulled")
    await annul(last, Annulment(cause), now=now)
    await move_project(
        project_id,
        expect=project.stage,
        to=Stage.SIGN_UP,
        due_at=closes_at,
        sign_up_opens_at=now,
        sign_up_closes_at=closes_at,
    )
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    await _commit_further(project, last.no + 1, cause, rulebook, deadline=closes_at, now=now)


async def _commit_further(
    project: ProjectView, no: int, cause: Cause, rulebook: Rulebook, *, deadline: datetime, now: datetime
) -> RoundView:
    beacon_round = await commit_round(
        project.id,
        no=no,
        cause=cause,
        method=project.method,
        deadline=deadline,
        beacon=beacon_in_force(),
        rulebook=rulebook,
        now=now,
    )
    await record("draw.committed", subject=project.number, by="market", at=now, data={
        "round_no": no, "purpose": purpose_of(no), "cause": str(cause), "beacon_round": beacon_round, "deadline": utc_text(deadline),
    })  # fmt: skip
    following = await open_round(project.id)
    assert following is not None
    return following


async def _signed_up(project_id: UUID, within: Collection[str] | None = None) -> dict[UUID, datetime]:
    """Who had signed up at the close and when; for a further draw those of the last pool, given up or not."""
    rows = await fetch(
        "SELECT DISTINCT ON (s.agency_id) s.agency_id, s.signed_up_at FROM sign_up s"
        " JOIN organisation o ON o.id = s.agency_id WHERE s.project_id = $1"
        " AND CASE WHEN $2::text[] IS NULL THEN s.withdrawn_at IS NULL ELSE o.code = ANY ($2) END"
        " ORDER BY s.agency_id, s.signed_up_at DESC",
        project_id, None if within is None else list(within),
    )  # fmt: skip
    return {row["agency_id"]: row["signed_up_at"] for row in rows}


async def _given_up(project_id: UUID) -> dict[UUID, Line]:
    rows = await fetch(
        "SELECT agency_id, withdrawn_at FROM sign_up WHERE project_id = $1 AND withdrawn_after_close ORDER BY withdrawn_at",
        project_id,
    )
    return {row["agency_id"]: abandoned_line(row["withdrawn_at"]) for row in rows}


async def _pool(
    project: ProjectView,
    signed_up: Mapping[UUID, datetime],
    out: Mapping[UUID, Line],
    rulebook: Rulebook,
    now: datetime,
) -> Pool:
    """Everybody assessed as things stand now; who was suspended or listed since signing up is left out."""
    demand = await demand_of(project.id)
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    agencies = await facts_of(list(signed_up)) if signed_up else []
    found = [Candidate(one, signed_up[one.id], assess(demand, one, catalogue=catalogue, at=now)) for one in agencies]
    candidates = [barred(one, out[one.agency.id]) if one.agency.id in out else one for one in found]
    return build_pool(candidates, branches_as_one=rulebook.flag("entry.branches_as_one"))


def _needed(project: ProjectView, rulebook: Rulebook) -> int:
    return minimum(
        project.fiscal_share,
        state_funds=rulebook.integer("signup.minimum.state_funds"),
        social_funds=rulebook.integer("signup.minimum.social_funds"),
    )


async def _settle(project: ProjectView, current: RoundView, pool: Pool, *, needed: int, now: datetime) -> Stage:
    """Writes the frozen pool down and sends the project to the draw, or ends it."""
    await _snapshot(current, pool)
    if too_few(len(pool.entrants), needed):
        await _store(current, pool, None, now)
        await annul(current, Annulment.TOO_FEW, now=now)
        await _fail(project, pool, needed, now)
        return Stage.FAILED
    given = draw_input(project.number, current, {one.agency.code: TICKETS for one in pool.entrants})
    sha256 = hashlib.sha256(given.canonical()).hexdigest()
    await _store(current, pool, sha256, now)
    await record("pool.frozen", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "sha256": sha256,
        "entrants": [{"code": one.agency.code, "name": one.agency.name, "tickets": TICKETS} for one in pool.entrants],
        "excluded": [{"code": one.agency.code, "name": one.agency.name, "reason": _reason(one)} for one in pool.excluded],
    })  # fmt: skip
    await move_project(
        project.id, expect=project.stage, to=Stage.DRAWING, frozen_at=now,
        due_at=round_time(beacon_in_force().chain, current.beacon_round),
    )  # fmt: skip
    await defer(DRAW_JOB, round_id=str(current.id))
    return Stage.DRAWING


def draw_input(number: str, current: RoundView, tickets: Mapping[str, int]) -> DrawInput:
    """What is hashed when the pool freezes and drawn from when the round appears."""
    entrants = tuple(Ticketed(code, count) for code, count in tickets.items())
    return DrawInput(current.beacon_chain, entrants, number, current.purpose, current.beacon_round)


async def _fail(project: ProjectView, pool: Pool, needed: int, now: datetime) -> None:
    await record("project.failed", subject=project.number, by="market", at=now, data={
        "reason": str(Annulment.TOO_FEW), "signed_up": len(pool.entrants) + len(pool.excluded),
        "eligible": len(pool.entrants), "needed": needed,
    })  # fmt: skip
    await move_project(
        project.id, expect=project.stage, to=Stage.FAILED, due_at=None, failed_at=now, failure_reason=TOO_FEW,
        **dict.fromkeys(TAKEN_BACK[Stage.DRAWING]),
    )  # fmt: skip


async def _snapshot(current: RoundView, pool: Pool) -> None:
    await execute_many(
        "INSERT INTO eligibility_snapshot (id, round_id, agency_id, eligible, lines) VALUES ($1,$2,$3,$4,$5)",
        [
            (new_id(), current.id, one.agency.id, one.assessment.eligible, to_json(one.assessment.to_json()))
            for one in (*pool.entrants, *pool.excluded)
        ],
    )


async def _store(current: RoundView, pool: Pool, sha256: str | None, now: datetime) -> None:
    await execute(
        "UPDATE selection_round SET frozen_at = $2, pool_sha256 = $3, pool = $4, excluded = $5 WHERE id = $1",
        current.id, now, sha256, to_json([_entrant(one) for one in pool.entrants]),
        to_json([_left_out(one) for one in pool.excluded]),
    )  # fmt: skip


def _entrant(one: Candidate) -> dict[str, Any]:
    return {"code": one.agency.code, "name": one.agency.name, "tickets": TICKETS}


def _left_out(one: Candidate) -> dict[str, Any]:
    lines = one.assessment.to_json()
    return {"code": one.agency.code, "name": one.agency.name, "reason": _reason(one), "lines": lines}


def _reason(one: Candidate) -> str:
    return reason_text(line.message for line in one.assessment.lines if not line.passed)
