"""Selections that experts score: the bids open and the panel is drawn in one act; the decision waits for the last mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from agencies.queries import facts_of
from market.beacon.rules import Round
from market.catalogue.rules import Rulebook
from market.kernel.db import execute, fetch, require_transaction
from market.register.actions import record
from projects.actions import lock_project, move_project
from projects.experts.actions import (
    HandedProposal,
    ReadProposal,
    draw_panel,
    freeze_candidates,
    open_proposals,
    read_proposals,
)
from projects.queries import ProjectView
from projects.rules import TAKEN_BACK, Stage
from projects.selection.bids.opening import OpenedBid
from projects.selection.methods.offers import judge
from projects.selection.methods.terms import Entry, Terms
from projects.selection.rounds.actions.openings import publish_opening
from projects.selection.rounds.queries import RoundView, open_round
from projects.selection.rounds.rules import NO_PANEL, Annulment, Pool


async def enough_experts(
    project: ProjectView, current: RoundView, pool: Pool, rulebook: Rulebook, now: datetime
) -> bool:
    """Freezes who may be drawn as an expert, in the transaction that freezes the pool."""
    frozen = await freeze_candidates(project, current.id, [one.agency for one in pool.entrants], rulebook, now)
    return frozen.enough


def valid_codes(terms: Terms, current: RoundView, bids: Sequence[OpenedBid]) -> list[str]:
    """Whose bid opened and lies within the limits."""
    quoted = {one.code: one.quoted for one in bids}
    entries = [Entry(one.code, quoted.get(one.code), one.tickets) for one in current.pool or ()]
    return [offer.code for offer in judge(terms, entries)[0]]


async def proposals_of(current: RoundView, bids: Sequence[OpenedBid]) -> list[ReadProposal]:
    """What the bids say of their proposals, each tried; before the transaction of the opening."""
    ids, nonces = await _ids(current), {one.code: one.nonce for one in current.pool or ()}
    rows = await fetch("SELECT nonce, proposal_file_id FROM sealed_bid WHERE nonce = ANY ($1)", list(nonces.values()))
    files = {row["nonce"]: row["proposal_file_id"] for row in rows}
    return await read_proposals(
        HandedProposal(ids[one.code], one.code, files.get(nonces[one.code]), one.proposal)
        for one in bids
        if one.proposal is not None
    )


async def open_for_experts(
    project: ProjectView,
    current: RoundView,
    bids: Sequence[OpenedBid],
    proposals: Sequence[ReadProposal],
    valid: Sequence[str],
    found: Round,
    now: datetime,
) -> None:
    """In the caller's transaction, on the locked project: bids and proposals open, the panel is drawn and invited."""
    await publish_opening(project, current, bids, found.signature.hex(), now)
    ids = await _ids(current)
    await open_proposals(project.id, project.number, current.no, proposals, now)
    offers = await facts_of([ids[code] for code in valid])
    await draw_panel(project, current.id, offers, found.randomness, now)
    await move_project(project.id, expect=Stage.DRAWING, to=Stage.EVALUATION, due_at=None, opened_at=now)


async def _ids(current: RoundView) -> dict[str, UUID]:
    codes = [one.code for one in current.pool or ()]
    rows = await fetch("SELECT code, id FROM organisation WHERE code = ANY ($1)", codes)
    return {row["code"]: row["id"] for row in rows}


async def fail_without_panel(project_id: UUID, *, now: datetime) -> bool:
    """No seat of the panel can be filled any more, or none could from the start, for a first round or a further one: the
    selection fails, and the owner may post again. In the caller's transaction. False where that is done already."""
    require_transaction()
    project, current = await lock_project(project_id), await open_round(project_id)
    if current is None or current.pool is None:
        return False
    await execute(
        "UPDATE selection_round SET annulled_at = $2, annulment_reason = $3 WHERE id = $1",
        current.id, now, str(Annulment.NO_PANEL),
    )  # fmt: skip
    pool = current.pool or ()
    await record("project.failed", subject=project.number, by="market", at=now, data={
        "reason": str(Annulment.NO_PANEL), "signed_up": len(pool) + len(current.excluded or ()), "eligible": len(pool),
        "needed": 1,
    })  # fmt: skip
    await move_project(
        project.id, expect=project.stage, to=Stage.FAILED, due_at=None, failed_at=now, failure_reason=NO_PANEL,
        price_fen=None, **dict.fromkeys(TAKEN_BACK[Stage.DRAWING]),
    )  # fmt: skip
    return True
