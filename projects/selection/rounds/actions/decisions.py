"""The decision: waits for the committed round, never replaces it, and publishes everything that is needed to repeat it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from market.beacon.actions import obtain_round
from market.beacon.rules import Round, is_public
from market.beacon.source import Beacon
from market.catalogue import queries as catalogue_queries
from market.kernel.db import fetch_one, fetch_value, transaction
from market.kernel.jobs import NotYet
from projects.actions import lock_project
from projects.experts.queries.panels import panel_of_round
from projects.queries import ProjectView, criteria_of, project_by_id
from projects.selection.bids.opening import OpenedBid
from projects.selection.dossiers import draw_dossier, selection_dossier
from projects.selection.dossiers.selection_dossier import SelectionFacts
from projects.selection.methods import by_lot, merit
from projects.selection.rounds.actions.evaluation import open_for_experts, proposals_of, valid_codes
from projects.selection.rounds.actions.evidence import evidence_of
from projects.selection.rounds.actions.freezing import draw_input
from projects.selection.rounds.actions.openings import Sealed, opened, publish_opening, sealed_of
from projects.selection.rounds.actions.pools import redraw
from projects.selection.rounds.actions.results import publish_draw, publish_selection, selection_facts
from projects.selection.rounds.announced import terms_of
from projects.selection.rounds.queries import RoundView, open_round
from projects.selection.rounds.rules import Cause

log = logging.getLogger(__name__)


async def decide(project_id: UUID, beacon: Beacon, now: datetime) -> bool:
    """Opens the sealed bids of a frozen pool and decides. False when there is nothing to decide (any more); NotYet while
    the committed round is not there. The network is asked, bids are opened and the dossier is built before the
    transaction opens."""
    current = await open_round(project_id)
    if current is None or current.pool is None:
        return False
    found = await _committed_round(current, beacon, now)
    project = await project_by_id(project_id)
    if project.method == by_lot.CODE:
        return await _draw(project, current, beacon, found, now)
    return await _select(project, current, beacon, found, now)


async def _committed_round(current: RoundView, beacon: Beacon, now: datetime) -> Round:
    if beacon.chain.hash != current.beacon_chain or current.beacon_round is None:
        log.error("round %s is bound to beacon chain %s, which is not in force here", current.id, current.beacon_chain)
        raise NotYet
    if not is_public(beacon.chain, current.beacon_round, now):
        raise NotYet
    found = await obtain_round(beacon, current.beacon_round, now=now)
    if found is None:
        raise NotYet
    return found


async def _draw(project: ProjectView, current: RoundView, beacon: Beacon, found: Round, now: datetime) -> bool:
    data = draw_dossier.build(_drawn(project, current, beacon, found, now))
    published = draw_dossier.parse(data)
    async with transaction():
        if not await _still_open(project, current):
            return False
        winner_id = await publish_draw(
            project, current, data, winner=published.winners[0], signature=published.beacon.signature,
            digest=published.digest, now=now,
        )  # fmt: skip
        await _redraw_if_given_up(project.id, winner_id, now)
    return True


def _drawn(
    project: ProjectView, current: RoundView, beacon: Beacon, found: Round, now: datetime
) -> draw_dossier.Selection:  # fmt: skip
    assert current.pool is not None
    assert current.excluded is not None
    assert current.frozen_at is not None
    return draw_dossier.Selection(
        given=draw_input(project.number, current, {one.code: one.tickets for one in current.pool}),
        names={one.code: one.name for one in current.pool},
        excluded=[draw_dossier.Exclusion(one.code, one.name, one.reason) for one in current.excluded],
        chain=beacon.chain,
        beacon_round=found,
        committed_at=current.committed_at,
        deadline=current.deadline,
        frozen_at=current.frozen_at,
        drawn_at=now,
    )


async def _select(project: ProjectView, current: RoundView, beacon: Beacon, found: Round, now: datetime) -> bool:
    sealed = await sealed_of(current, found, beacon, now)
    bids = await opened(sealed, project, beacon)
    if project.method == merit.CODE and not await _marked(project.id, current):
        if current.opened_at is not None:
            return False
        if valid := await _enough(project, current, bids):
            return await _ask_experts(project, current, bids, valid, found, now)
    facts = await _facts(project, current, beacon, found, sealed, now)
    data = await asyncio.to_thread(selection_dossier.build, facts)
    async with transaction():
        if not await _still_open(project, current):
            return False
        await publish_opening(project, current, bids, found.signature.hex(), now)
        winner_id = await publish_selection(project, current, data, now=now)
        if winner_id is not None:
            await _redraw_if_given_up(project.id, winner_id, now)
    return True


async def _marked(project_id: UUID, current: RoundView) -> bool:
    panel = await panel_of_round(current.id)
    return panel is not None and panel.completed_at is not None


async def _enough(project: ProjectView, current: RoundView, bids: Sequence[OpenedBid]) -> list[str]:
    """Whose bids are valid; nobody where they are too few for a selection."""
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    terms = terms_of(project, current, rulebook, await criteria_of(project.id))
    valid = valid_codes(terms, current, bids)
    return valid if len(valid) >= terms.needed else []


async def _ask_experts(
    project: ProjectView,
    current: RoundView,
    bids: Sequence[OpenedBid],
    valid: Sequence[str],
    found: Round,
    now: datetime,
) -> bool:
    proposals = await proposals_of(current, bids)
    async with transaction():
        if not await _still_open(project, current):
            return False
        await open_for_experts(project, current, bids, proposals, valid, found, now)
    return True


async def _facts(
    project: ProjectView, current: RoundView, beacon: Beacon, found: Round, sealed: Sealed, now: datetime
) -> SelectionFacts:
    return await selection_facts(
        project, current, now=now, evidence=await evidence_of(project, current), bids=sealed.bids, chain=beacon.chain,
        beacon_round=found, opened_by=sealed.opened_by, committed_at=current.committed_at, deadline=current.deadline,
    )  # fmt: skip


async def _still_open(project: ProjectView, current: RoundView) -> bool:
    """One of any number of deciding processes gets here first; the others find the round decided."""
    locked = await lock_project(project.id)
    still = await fetch_one(
        "SELECT id FROM selection_round WHERE id = $1 AND drawn_at IS NULL AND annulled_at IS NULL", current.id
    )
    return still is not None and locked.stage is project.stage


async def _redraw_if_given_up(project_id: UUID, winner_id: UUID, now: datetime) -> None:
    """The winner had given up its place before anybody could know the result: the decision stands, and so does its
    word."""
    given_up = await fetch_value(
        "SELECT NOT EXISTS (SELECT 1 FROM sign_up WHERE project_id = $1 AND agency_id = $2 AND withdrawn_at IS NULL)",
        project_id, winner_id,
    )  # fmt: skip
    if given_up:
        await redraw(project_id, cause=Cause.WINNER_REFUSED, exclude={winner_id}, now=now)
