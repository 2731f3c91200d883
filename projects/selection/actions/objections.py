"""Objections to a result: while one is open nothing is signed; an upheld one annuls the draw and names what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import deadline
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.times import load_calendar
from market.register.actions import record
from projects.actions import lock_project
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.actions.pools import redraw, reopen
from projects.selection.queries import RoundView, standing_round, took_part
from projects.selection.rules import Cause, Decision, Remedy, check_objection

BY_OWNER, BY_AGENCY = "owner", "agency"
# The answer that other objections to a draw get when it is annulled.
JOINED = N_("The draw was annulled on another objection, so this one has reached its aim.")


@dataclass(frozen=True)
class Answer:
    """The operator's decision. `remedy` belongs to an upheld objection, `exclude` (an agency's id) to a redraw."""

    decision: Decision
    text: str
    remedy: Remedy | None = None
    exclude: UUID | None = None


async def raise_objection(project_id: UUID, organisation_id: UUID, *, grounds: str, by: UUID, now: datetime) -> UUID:
    """Objects to the result under notice. For the owner and for agencies that had signed up, in the pool or left out.
    Sent twice it answers with the same objection. Raises Refusal outside the notice, NotFound for anybody else."""
    calendar = await load_calendar()
    async with transaction():
        project = await lock_project(project_id)
        by_kind = await _standing_of(project, organisation_id)
        check_objection(project.stage, project.result_notice_ends_at, now)
        current = await standing_round(project_id)
        assert current is not None  # there is one in this stage
        known: UUID | None = await fetch_value(
            "SELECT id FROM objection WHERE round_id = $1 AND raised_by_organisation = $2 AND answered_at IS NULL"
            " AND withdrawn_at IS NULL",
            current.id, organisation_id,
        )  # fmt: skip
        if known is not None:
            return known
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        due_at = deadline(rulebook, "objection.answer_days", now, calendar)
        return await _insert(project, current, organisation_id, grounds, by, by_kind, due_at, now)


async def _standing_of(project: ProjectView, organisation_id: UUID) -> str:
    if organisation_id == project.owner_id:
        return BY_OWNER
    if await took_part(project.id, organisation_id):
        return BY_AGENCY
    raise NotFound


async def _insert(
    project: ProjectView, current: RoundView, organisation_id: UUID, grounds: str, by: UUID, by_kind: str,
    due_at: datetime, now: datetime,
) -> UUID:  # fmt: skip
    objection_id = new_id()
    code = await fetch_value("SELECT code FROM organisation WHERE id = $1", organisation_id)
    entry_id = await record(
        "objection.raised", subject=project.number, by=code, at=now, private={"grounds": grounds},
        data={"objection": str(objection_id), "round_no": current.no, "by_kind": by_kind},
    )  # fmt: skip
    await execute(
        "INSERT INTO objection (id, project_id, round_id, raised_by_organisation, raised_by, grounds, raised_at, entry_id,"
        " answer_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        objection_id, project.id, current.id, organisation_id, by, grounds, now, entry_id, due_at,
    )  # fmt: skip
    return objection_id


async def withdraw_objection(objection_id: UUID, organisation_id: UUID, *, now: datetime) -> None:
    """Takes an objection back; only who raised it can, and only while it is open."""
    async with transaction():
        project = await _lock(objection_id)
        code = await fetch_value(
            "SELECT o.code FROM objection b JOIN organisation o ON o.id = b.raised_by_organisation"
            " WHERE b.id = $1 AND b.raised_by_organisation = $2",
            objection_id, organisation_id,
        )  # fmt: skip
        if code is None:
            raise NotFound
        await _end(objection_id, "withdrawn_at = $2", now)
        await record(
            "objection.withdrawn", subject=project.number, by=code, at=now, data={"objection": str(objection_id)}
        )


async def answer_objection(objection_id: UUID, answer: Answer, *, by: UUID, now: datetime) -> None:
    """The operator's answer. Upheld: the draw is annulled, and a further draw or a new sign-up follows at once."""
    async with transaction():
        project = await _lock(objection_id)
        await _answered(project, objection_id, answer, by=by, now=now)
        if answer.decision is Decision.UPHELD:
            await _remedy(project, objection_id, answer, by=by, now=now)


async def _lock(objection_id: UUID) -> ProjectView:
    project_id = await fetch_value("SELECT project_id FROM objection WHERE id = $1", objection_id)
    if project_id is None:
        raise NotFound
    return await lock_project(project_id)


async def _end(objection_id: UUID, assignment: str, *values: object) -> None:
    """Ends an open objection in one way; two people ending it at once: one of them is told."""
    touched = await execute(
        f"UPDATE objection SET {assignment} WHERE id = $1 AND answered_at IS NULL AND withdrawn_at IS NULL",
        objection_id, *values,
    )  # fmt: skip
    if not touched:
        raise Refusal("objection.ended", N_("This objection is not open any more: it was answered or taken back."),
                      todo=N_("Open it again to read how it ended."))  # fmt: skip


async def _answered(project: ProjectView, objection_id: UUID, answer: Answer, *, by: UUID, now: datetime) -> None:
    remedy = str(answer.remedy) if answer.remedy and answer.decision is Decision.UPHELD else None
    await _end(
        objection_id, "decision = $2, remedy = $3, answer = $4, answered_by = $5, answered_at = $6",
        str(answer.decision), remedy, answer.text, by, now,
    )  # fmt: skip
    await record("objection.answered", subject=project.number, by="market", at=now, data={
        "objection": str(objection_id), "decision": str(answer.decision), "remedy": remedy, "answer": answer.text,
    })  # fmt: skip


async def _remedy(project: ProjectView, objection_id: UUID, answer: Answer, *, by: UUID, now: datetime) -> None:
    if project.stage is not Stage.RESULT_NOTICE:
        raise Refusal("objection.result_final", N_("The result is final already; an objection cannot annul it any more."),
                      todo=N_("Reject the objection and point to a complaint to the regulator."))  # fmt: skip
    await _join_others(project, objection_id, answer, by=by, now=now)
    if answer.remedy is Remedy.REOPEN:
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        closes_at = deadline(rulebook, "signup.min_window", now, await load_calendar())
        await reopen(project.id, cause=Cause.OBJECTION_UPHELD, closes_at=closes_at, now=now)
    else:
        exclude = {answer.exclude} if answer.exclude else set()
        await redraw(project.id, cause=Cause.OBJECTION_UPHELD, exclude=exclude, now=now)


async def _join_others(project: ProjectView, upheld: UUID, answer: Answer, *, by: UUID, now: datetime) -> None:
    """Other open objections to the same draw end with it."""
    others = await fetch(
        "SELECT b.id FROM objection b WHERE b.round_id = (SELECT round_id FROM objection WHERE id = $1)"
        " AND b.answered_at IS NULL AND b.withdrawn_at IS NULL ORDER BY b.raised_at",
        upheld,
    )
    for other in others:
        await _answered(project, other["id"], Answer(Decision.UPHELD, JOINED, answer.remedy), by=by, now=now)
