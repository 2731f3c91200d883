"""The draw: waits for the committed round, never replaces it, and publishes everything that is needed to repeat it."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from market.beacon.actions import obtain_round
from market.beacon.rules import Round, is_public
from market.beacon.source import Beacon
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import deadline
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.jobs import NotYet
from market.kernel.times import load_calendar
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project, move_project
from projects.queries import ProjectView, project_by_id
from projects.rules import Stage
from projects.selection import dossier
from projects.selection.actions.pools import draw_input, redraw
from projects.selection.queries import RoundView, open_round
from projects.selection.rules import Cause

log = logging.getLogger(__name__)


async def draw(project_id: UUID, beacon: Beacon, now: datetime) -> bool:
    """Draws the frozen pool of a project. False when there is nothing to draw (any more); NotYet while the committed
    round is not there. The network is asked, and the dossier built, before the transaction opens."""
    current = await open_round(project_id)
    if current is None or current.pool is None:
        return False
    found = await _committed_round(current, beacon, now)
    project = await project_by_id(project_id)
    selection = _selection(project, current, beacon, found, now)
    data = dossier.build(selection)
    published = dossier.parse(data)
    async with transaction():
        return await _publish(project_id, current, data, published, now)


async def _committed_round(current: RoundView, beacon: Beacon, now: datetime) -> Round:
    if beacon.chain.hash != current.beacon_chain:
        log.error("round %s is bound to beacon chain %s, which is not in force here", current.id, current.beacon_chain)
        raise NotYet
    if not is_public(beacon.chain, current.beacon_round, now):
        raise NotYet
    found = await obtain_round(beacon, current.beacon_round, now=now)
    if found is None:
        raise NotYet
    return found


def _selection(
    project: ProjectView, current: RoundView, beacon: Beacon, found: Round, now: datetime
) -> dossier.Selection:
    assert current.pool is not None
    assert current.excluded is not None
    assert current.frozen_at is not None
    return dossier.Selection(
        given=draw_input(project.number, current, {one.code: one.tickets for one in current.pool}),
        names={one.code: one.name for one in current.pool},
        excluded=[dossier.Exclusion(one.code, one.name, one.reason) for one in current.excluded],
        chain=beacon.chain,
        beacon_round=found,
        committed_at=current.committed_at,
        deadline=current.deadline,
        frozen_at=current.frozen_at,
        drawn_at=now,
    )


async def _publish(
    project_id: UUID, current: RoundView, data: bytes, published: dossier.Dossier, now: datetime
) -> bool:
    """One of any number of drawing processes gets here first; the others find the round drawn."""
    project = await lock_project(project_id)
    still = await fetch_one(
        "SELECT id FROM selection_round WHERE id = $1 AND drawn_at IS NULL AND annulled_at IS NULL", current.id
    )
    if still is None or project.stage is not Stage.DRAWING:
        return False
    winner_code = published.winners[0]
    winner_id = await fetch_value("SELECT id FROM organisation WHERE code = $1", winner_code)
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    ends_at = deadline(rulebook, "result.notice_days", now, await load_calendar())
    await execute(
        "UPDATE selection_round SET drawn_at = $2, signature = $3, winner_id = $4, dossier = $5 WHERE id = $1",
        current.id, now, published.beacon.signature, winner_id, data,
    )  # fmt: skip
    await move_project(
        project_id, expect=Stage.DRAWING, to=Stage.RESULT_NOTICE, due_at=ends_at, drawn_at=now, winner_id=winner_id,
        result_notice_ends_at=ends_at,
    )  # fmt: skip
    await record("draw.made", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "winner": winner_code, "winner_name": _name(current, winner_code),
        "beacon_round": current.beacon_round, "dossier_sha256": published.digest, "notice_ends_at": utc_text(ends_at),
    })  # fmt: skip
    if await _gave_up(project_id, winner_id):
        await redraw(project_id, cause=Cause.WINNER_REFUSED, exclude={winner_id}, now=now)
    return True


def _name(current: RoundView, code: str) -> str:
    return next(one.name for one in current.pool or () if one.code == code)


async def _gave_up(project_id: UUID, agency_id: UUID) -> bool:
    """The winner had given up its place before anybody could know the result: the draw stands, and so does its word."""
    found: bool = await fetch_value(
        "SELECT NOT EXISTS (SELECT 1 FROM sign_up WHERE project_id = $1 AND agency_id = $2 AND withdrawn_at IS NULL)",
        project_id, agency_id,
    )  # fmt: skip
    return found
