"""Freezing a pool: who is in it is decided once, written down with every reason, published, and never touched again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from agencies.queries import facts_of
from market.beacon.rules import round_time
from market.beacon.source import beacon_in_force
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook
from market.kernel.db import execute, fetch, fetch_value, require_transaction, transaction
from market.kernel.jobs import defer
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project, move_project
from projects.eligibility import Line, assess
from projects.experts.actions import DECIDE_JOB
from projects.queries import ProjectView, demand_of
from projects.rules import TAKEN_BACK, Stage
from projects.selection.dossiers.selection_format import purpose_of
from projects.selection.methods import METHODS, merit
from projects.selection.methods.method import EntryKind
from projects.selection.rounds.actions.commitment import commit_round
from projects.selection.rounds.actions.evaluation import enough_experts, fail_without_panel
from projects.selection.rounds.actions.freezing import (
    Bid,
    freeze_pool,
    members_of,
    opened_bids,
    snapshot,
    standing_bids,
    store,
)
from projects.selection.rounds.actions.openings import erase_unopened
from projects.selection.rounds.actions.results import decide_at_once
from projects.selection.rounds.announced import least
from projects.selection.rounds.queries import RoundView, open_round, refused_before, standing_round
from projects.selection.rounds.rules import (
    TOO_FEW,
    Annulment,
    Candidate,
    Cause,
    Pool,
    abandoned_line,
    barred,
    build_pool,
    entries_close,
    freeze_grace,
    left_out_line,
    no_bid_line,
    too_few,
)

# Nothing more can come: sign-up was over at $2, nobody signs up, or the only agency that was named has answered.
ENTRIES_IN = (
    "(p.sign_up_closes_at <= $2 OR p.method = 'outside_tender' OR p.method = 'direct' AND EXISTS (SELECT 1 FROM sign_up s WHERE s.project_id = p.id"
    " AND s.withdrawn_at IS NULL))"
)


async def freeze(project_id: UUID, now: datetime) -> bool:
    """Freezes the pool of a project whose sign-up is over, or fails the project when too few are left. It waits the
    rulebook's moment for requests that arrived before the close and are still being written. False when there is
    nothing to do yet, or another process is doing it."""
    version = await fetch_value("SELECT rulebook_version FROM project WHERE id = $1", project_id)
    waited_for = now - freeze_grace(await catalogue_queries.rulebook(version))
    async with transaction():
        due = await fetch_value(
            f"SELECT p.id FROM project p WHERE p.id = $1 AND p.stage = $3 AND {ENTRIES_IN} FOR UPDATE SKIP LOCKED",
            project_id, waited_for, str(Stage.SIGN_UP),
        )  # fmt: skip
        if due is None:
            return False
        project = await lock_project(project_id)
        current = await open_round(project_id)
        if current is None:
            raise RuntimeError(f"project {project.number} is open for sign-up but bound to no beacon round")
        entering = await _entering(project)
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        bids = await standing_bids(project_id)
        refused = {one: left_out_line(cause) for one, cause in (await refused_before(project_id)).items()}
        pool = await _pool(project, entering, _without_bid(project, entering, bids) | refused, rulebook, now)
        await _settle(project, current, pool, bids, needed=least(project, rulebook), rulebook=rulebook, now=now)
    return True


async def redraw(
    project_id: UUID, *, cause: Cause | str, exclude: Collection[UUID], now: datetime, readmit: Collection[str] = ()
) -> Stage:
    """A further draw for a recorded legal cause, inside the transaction that records it: among the last pool without
    `exclude`, assessed again, under a beacon round that lies after `now`. With nobody left the project fails.
    `readmit`: codes of agencies that had signed up and were wrongly left out of the last pool. Returns the stage the project is in now."""
    require_transaction()
    cause = Cause(cause)
    project = await lock_project(project_id)
    last = await standing_round(project_id)
    if last is None or last.pool is None:
        raise RuntimeError(f"project {project.number} has no draw that could be repeated")
    await annul(last, Annulment(cause), now=now)
    entering = await _entering(project, within=[*readmit, *(one.code for one in last.pool)])
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    bids = await opened_bids(project_id)
    out = _without_bid(project, entering, bids) | await _given_up(project_id)
    out |= dict.fromkeys(exclude, left_out_line(cause))
    if not METHODS[project.method].beacon:  # the notice names one agency: there is nobody else
        out = dict.fromkeys(entering, left_out_line(cause))
    pool = await _pool(project, entering, out, rulebook, now)
    following = await _commit_further(project, last.no + 1, cause, rulebook, deadline=now, now=now)
    return await _settle(project, following, pool, bids, needed=1, rulebook=rulebook, now=now)


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
    if last is None or METHODS[project.method].alone:
        raise RuntimeError(f"project {project.number} has no draw that could be annulled and entered anew")
    await annul(last, Annulment(cause), now=now)
    await move_project(
        project_id,
        expect=project.stage,
        to=Stage.SIGN_UP,
        due_at=closes_at,
        sign_up_opens_at=now,
        sign_up_closes_at=closes_at,
        bidding_starts_at=_moved_with(closes_at, project),
        **price_taken_back(project),
    )
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    opened_again = await lock_project(project_id)
    deadline = entries_close(opened_again, rulebook)
    await _commit_further(opened_again, last.no + 1, cause, rulebook, deadline=deadline, now=now)


def _moved_with(closes_at: datetime, project: ProjectView) -> datetime | None:
    """Live bidding starts as long after the new close as it was announced after the first."""
    if project.bidding_starts_at is None:
        return None
    return closes_at + (project.bidding_starts_at - project.sign_up_closes_at)


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


async def _entering(project: ProjectView, within: Collection[str] | None = None) -> dict[UUID, datetime]:
    """Who had signed up at the close and when; for a further selection those of the last pool, given up or not. Where
    nobody signs up, the agencies that the notice names."""
    if METHODS[project.method].entry is EntryKind.NONE:
        named = await fetch("SELECT agency_id FROM project_invited WHERE project_id = $1", project.id)
        return {row["agency_id"]: project.published_at for row in named}
    rows = await fetch(
        "SELECT DISTINCT ON (s.agency_id) s.agency_id, s.signed_up_at FROM sign_up s"
        " JOIN organisation o ON o.id = s.agency_id WHERE s.project_id = $1"
        " AND CASE WHEN $2::text[] IS NULL THEN s.withdrawn_at IS NULL ELSE o.code = ANY ($2) END"
        " ORDER BY s.agency_id, s.signed_up_at DESC",
        project.id, None if within is None else list(within),
    )  # fmt: skip
    return {row["agency_id"]: row["signed_up_at"] for row in rows}


def _without_bid(project: ProjectView, entering: Collection[UUID], bids: Mapping[UUID, Bid]) -> dict[UUID, Line]:
    method = METHODS[project.method]
    if method.entry is not EntryKind.SEALED_BID or method.live:  # who bids live may leave a sealed bid, and need not
        return {}
    return {agency_id: no_bid_line() for agency_id in entering if agency_id not in bids}


async def _given_up(project_id: UUID) -> dict[UUID, Line]:
    """Who gave up its place, and did not sign up again when sign-up was opened again."""
    rows = await fetch(
        "SELECT s.agency_id, s.withdrawn_at FROM sign_up s WHERE s.project_id = $1 AND s.withdrawn_after_close"
        " AND NOT EXISTS (SELECT 1 FROM sign_up n WHERE n.project_id = s.project_id AND n.agency_id = s.agency_id"
        " AND n.withdrawn_at IS NULL) ORDER BY s.withdrawn_at",
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


async def _settle(
    project: ProjectView, current: RoundView, pool: Pool, bids: Mapping[UUID, Bid], *, needed: int, rulebook: Rulebook,
    now: datetime,
) -> Stage:  # fmt: skip
    """Writes the frozen pool down and sends the project on to its decision, or ends it."""
    await snapshot(current, pool)
    if too_few(len(pool.entrants), needed):
        await store(current, pool, members_of(pool, {}, rulebook), sha256=None, salt=None, now=now)
        await annul(current, Annulment.TOO_FEW, now=now)
        await erase_unopened(project.id, now=now)
        await _fail(project, pool, needed, now)
        return Stage.FAILED
    await freeze_pool(project, current, pool, bids, rulebook, now)
    if project.method == merit.CODE and not await enough_experts(project, current, pool, rulebook, now):
        await erase_unopened(project.id, now=now)
        await fail_without_panel(project.id, now=now)
        return Stage.FAILED
    if current.beacon_round is None:
        return await decide_at_once(project.id, now=now)
    await move_project(
        project.id, expect=project.stage, to=Stage.DRAWING, frozen_at=now,
        due_at=round_time(beacon_in_force().chain, current.beacon_round), **price_taken_back(project),
    )  # fmt: skip
    if not METHODS[project.method].live:  # live bidding may last for days: a sweep asks when it is over
        await defer(DECIDE_JOB, round_id=str(current.id))
    return Stage.DRAWING


def price_taken_back(project: ProjectView) -> dict[str, None]:
    """Where bids decide, the price goes with the decision that found it."""
    return {"price_fen": None} if project.ceiling_fen is not None else {}


async def _fail(project: ProjectView, pool: Pool, needed: int, now: datetime) -> None:
    await record("project.failed", subject=project.number, by="market", at=now, data={
        "reason": str(Annulment.TOO_FEW), "signed_up": len(pool.entrants) + len(pool.excluded),
        "eligible": len(pool.entrants), "needed": needed,
    })  # fmt: skip
    await move_project(
        project.id, expect=project.stage, to=Stage.FAILED, due_at=None, failed_at=now, failure_reason=TOO_FEW,
        **dict.fromkeys(TAKEN_BACK[Stage.DRAWING]), **price_taken_back(project),
    )  # fmt: skip
