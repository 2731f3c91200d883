"""Publishing a result: the winner under public notice, or that nobody won, with the dossier that proves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import deadline
from market.kernel.db import execute, fetch_value, require_transaction
from market.kernel.times import load_calendar
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project, move_project
from projects.queries import ProjectView, criteria_of
from projects.rules import TAKEN_BACK, Stage
from projects.selection.dossiers import selection_dossier
from projects.selection.dossiers.draw_format import Exclusion
from projects.selection.dossiers.selection_dossier import PoolMember, SelectionDossier, SelectionFacts
from projects.selection.rounds.actions.evidence import evidence_of
from projects.selection.rounds.announced import terms_of
from projects.selection.rounds.queries import RoundView, open_round
from projects.selection.rounds.rules import TOO_FEW_VALID, Annulment


async def result_notice_ends(project: ProjectView, now: datetime) -> datetime:
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    return deadline(rulebook, "result.notice_days", now, await load_calendar())


async def publish_draw(
    project: ProjectView, current: RoundView, data: bytes, *, winner: str, signature: str, digest: str, now: datetime
) -> UUID:
    """The winner of a draw, in the caller's transaction. Returns its id."""
    winner_id, ends_at = await _organisation(winner), await result_notice_ends(project, now)
    await _store(current, data, signature=signature, winner_id=winner_id, now=now)
    await move_project(
        project.id, expect=Stage.DRAWING, to=Stage.RESULT_NOTICE, due_at=ends_at, drawn_at=now, winner_id=winner_id,
        result_notice_ends_at=ends_at,
    )  # fmt: skip
    await record("draw.made", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "winner": winner, "winner_name": _name(current, winner),
        "beacon_round": current.beacon_round, "dossier_sha256": digest, "notice_ends_at": utc_text(ends_at),
    })  # fmt: skip
    return winner_id


async def publish_selection(project: ProjectView, current: RoundView, data: bytes, *, now: datetime) -> UUID | None:
    """What any other method decided, in the caller's transaction. Returns the winner's id, None where nobody won."""
    require_transaction()
    published = selection_dossier.parse(data)
    if published.decision["winner"] is None:
        await _publish_failure(project, current, data, published, now)
        return None
    return await _publish_winner(project, current, data, published, now)


async def _publish_winner(
    project: ProjectView, current: RoundView, data: bytes, published: SelectionDossier, now: datetime
) -> UUID:
    code, price = published.decision["winner"], published.decision["price_fen"]
    winner_id, ends_at = await _organisation(code), await result_notice_ends(project, now)
    await _store(current, data, signature=_signature(published), winner_id=winner_id, now=now)
    await move_project(
        project.id, expect=project.stage, to=Stage.RESULT_NOTICE, due_at=ends_at, drawn_at=now, winner_id=winner_id,
        price_fen=price, result_notice_ends_at=ends_at, frozen_at=project.frozen_at or now,
    )  # fmt: skip
    await record("selection.decided", subject=project.number, by="market", at=now, data={
        "round_no": current.no, "method": project.method, "winner": code, "winner_name": _name(current, code),
        "price_fen": price, "beacon_round": current.beacon_round, "dossier_sha256": published.digest,
        "notice_ends_at": utc_text(ends_at),
    })  # fmt: skip
    return winner_id


async def _publish_failure(
    project: ProjectView, current: RoundView, data: bytes, published: SelectionDossier, now: datetime
) -> None:
    """The opening stands in the dossier for everybody to see; nobody won."""
    await _store(current, data, signature=_signature(published), winner_id=None, now=now)
    await execute(
        "UPDATE selection_round SET annulled_at = $2, annulment_reason = $3 WHERE id = $1",
        current.id, now, str(Annulment.TOO_FEW_VALID),
    )  # fmt: skip
    await record("project.failed", subject=project.number, by="market", at=now, data={
        "reason": str(Annulment.TOO_FEW_VALID), "signed_up": len(current.pool or ()) + len(current.excluded or ()),
        "eligible": len(published.decision["entries"]), "needed": max(published.terms["minimum"], 1),
    })  # fmt: skip
    await move_project(
        project.id, expect=project.stage, to=Stage.FAILED, due_at=None, failed_at=now, failure_reason=TOO_FEW_VALID,
        **dict.fromkeys(TAKEN_BACK[Stage.DRAWING]),
    )  # fmt: skip


async def decide_at_once(project_id: UUID, *, now: datetime) -> Stage:
    """The method leaves nothing to chance, so the frozen pool decides in the same transaction."""
    require_transaction()
    project, current = await lock_project(project_id), await open_round(project_id)
    assert current is not None
    facts = await selection_facts(project, current, now=now, evidence=await evidence_of(project, current))
    winner_id = await publish_selection(project, current, selection_dossier.build(facts), now=now)
    return Stage.FAILED if winner_id is None else Stage.RESULT_NOTICE


async def selection_facts(project: ProjectView, current: RoundView, *, now: datetime, **more: Any) -> SelectionFacts:
    """What the dossier of this round states, whatever the method. `more`: its beacon, bids and evidence."""
    assert current.pool is not None
    assert current.excluded is not None
    assert current.frozen_at is not None
    assert current.salt is not None
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    return SelectionFacts(
        method=project.method,
        terms=terms_of(project, current, rulebook, await criteria_of(project.id)),
        entrants=[PoolMember(one.code, one.name, one.tickets, one.nonce, one.sealed_sha256) for one in current.pool],
        excluded=[Exclusion(one.code, one.name, one.reason) for one in current.excluded],
        salt=current.salt,
        frozen_at=current.frozen_at,
        decided_at=now,
        **more,
    )


async def _store(
    current: RoundView, data: bytes, *, signature: str | None, winner_id: UUID | None, now: datetime
) -> None:
    await execute(
        "UPDATE selection_round SET drawn_at = $2, signature = $3, winner_id = $4, dossier = $5 WHERE id = $1",
        current.id, now, signature, winner_id, data,
    )  # fmt: skip


def _signature(published: SelectionDossier) -> str | None:
    return published.beacon.signature if published.beacon else None


async def _organisation(code: str) -> UUID:
    found: UUID = await fetch_value("SELECT id FROM organisation WHERE code = $1", code)
    return found


def _name(current: RoundView, code: str) -> str:
    return next(one.name for one in current.pool or () if one.code == code)
