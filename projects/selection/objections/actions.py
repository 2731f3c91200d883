"""Objections to a result: while one is open nothing is signed; an upheld one annuls the draw and names what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.times import load_calendar
from market.register.actions import record
from projects.actions import lock_project
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.objections.queries import ObjectionView, objection_by_id
from projects.selection.objections.rules import (
    Decision,
    Remedy,
    check_answer,
    check_objection,
    check_statement,
    remedies,
)
from projects.selection.rounds.actions.pools import redraw, reopen
from projects.selection.rounds.queries import RoundView, standing_round
from projects.selection.rounds.rules import Cause
from projects.selection.sign_ups.queries import took_part

BY_OWNER, BY_AGENCY = "owner", "agency"
_INSTANT: Final = timedelta(microseconds=1)
# The answer that the other objections to a result get when it is annulled.
JOINED = N_("The draw was annulled on another objection, so this one has reached its aim.")


@dataclass(frozen=True)
class Answer:
    """The operator's decision. `legal_cause`: the provision it rests on; `remedy` belongs to an upheld objection,
    `exclude` (an agency's id) to a redraw."""

    decision: Decision
    text: str
    legal_cause: str
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
        due = _due(rulebook, by_kind, calendar, now)
        return await _insert(project, current, organisation_id, grounds, by, by_kind, due, now)


def _due(rulebook: Rulebook, by_kind: str, calendar: Calendar, now: datetime) -> tuple[datetime | None, datetime]:
    """Until when the owner may state its view (None where it is the owner that objects), and when the answer is due."""
    if by_kind == BY_OWNER:
        return None, deadline(rulebook, "objection.answer_days", now, calendar)
    statement = deadline(rulebook, "objection.owner_statement_days", now, calendar)
    # Periods end at midnight: the next one starts on the day that ends there.
    return statement, deadline(rulebook, "objection.answer_days", statement - _INSTANT, calendar)


async def _standing_of(project: ProjectView, organisation_id: UUID) -> str:
    if organisation_id == project.owner_id:
        return BY_OWNER
    if await took_part(project.id, organisation_id):
        return BY_AGENCY
    raise NotFound


async def _insert(
    project: ProjectView, current: RoundView, organisation_id: UUID, grounds: str, by: UUID, by_kind: str,
    due: tuple[datetime | None, datetime], now: datetime,
) -> UUID:  # fmt: skip
    objection_id = new_id()
    code = await fetch_value("SELECT code FROM organisation WHERE id = $1", organisation_id)
    entry_id = await record(
        "objection.raised", subject=project.number, by=code, at=now, private={"grounds": grounds},
        data={"objection": str(objection_id), "round_no": current.no, "by_kind": by_kind},
    )  # fmt: skip
    await execute(
        "INSERT INTO objection (id, project_id, round_id, raised_by_organisation, raised_by, grounds, raised_at, entry_id,"
        " statement_due_at, answer_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        objection_id, project.id, current.id, organisation_id, by, grounds, now, entry_id, *due,
    )  # fmt: skip
    return objection_id


async def state_view(objection_id: UUID, owner_id: UUID, *, statement: str, by: UUID, now: datetime) -> None:
    """The owner's written statement, for the parties, the operator and the regulator; the operator's time to answer
    runs from it. Raises NotFound for everybody but the owner."""
    calendar = await load_calendar()
    async with transaction():
        project = await _lock(objection_id)
        if project.owner_id != owner_id:
            raise NotFound
        found = await objection_by_id(objection_id)
        check_statement(found.statement_due_at, found.stated_at, not found.open, now)
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        await execute(
            "UPDATE objection SET statement = $2, stated_by = $3, stated_at = $4, answer_due_at = $5 WHERE id = $1",
            objection_id, statement, by, now, deadline(rulebook, "objection.answer_days", now, calendar),
        )  # fmt: skip
        await record(
            "objection.stated", subject=project.number, by=project.owner_code, at=now,
            data={"objection": str(objection_id)}, private={"statement": statement},
        )  # fmt: skip


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
        found = await objection_by_id(objection_id)
        check_answer(found.statement_due_at, found.stated_at, now)
        await _answered(project, objection_id, answer, by=by, now=now)
        if answer.decision is Decision.UPHELD:
            await _remedy(project, found, answer, by=by, now=now)


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
    await _end_answered(project, objection_id, str(answer.decision), remedy, answer.text, answer.legal_cause, by, now)


async def _end_answered(
    project: ProjectView, objection_id: UUID, decision: str, remedy: str | None, text: str, legal_cause: str,
    by: UUID | None, now: datetime,
) -> None:  # fmt: skip
    await _end(
        objection_id, "decision = $2, remedy = $3, answer = $4, legal_cause = $5, answered_by = $6, answered_at = $7",
        decision, remedy, text, legal_cause, by, now,
    )  # fmt: skip
    await record("objection.answered", subject=project.number, by="market", at=now, data={
        "objection": str(objection_id), "decision": decision, "remedy": remedy, "answer": text, "legal_cause": legal_cause,
    })  # fmt: skip


async def _remedy(project: ProjectView, upheld: ObjectionView, answer: Answer, *, by: UUID, now: datetime) -> None:
    if project.stage is not Stage.RESULT_NOTICE:
        raise Refusal("objection.result_final", N_("The result is final already; an objection cannot annul it any more."),
                      todo=N_("Reject the objection and point to a complaint to the regulator."))  # fmt: skip
    await join_objections(
        project, upheld.round_id, str(answer.remedy), JOINED, legal_cause=answer.legal_cause, by=by, now=now
    )
    if answer.remedy not in remedies(alone=METHODS[project.method].alone):
        raise Refusal("objection.remedy", N_("The notice names the one agency, so opening sign-up again would only name it again."),
                      todo=N_("End the selection; the owner may then post the job anew, by another method."))  # fmt: skip
    if answer.remedy is Remedy.REOPEN:
        rulebook = await catalogue_queries.rulebook(project.rulebook_version)
        closes_at = deadline(rulebook, "signup.min_window", now, await load_calendar())
        await reopen(project.id, cause=Cause.OBJECTION_UPHELD, closes_at=closes_at, now=now)
    else:
        exclude = {answer.exclude} if answer.exclude else set()
        await redraw(project.id, cause=Cause.OBJECTION_UPHELD, exclude=exclude, now=now)


async def join_objections(
    project: ProjectView, round_id: UUID, remedy: str, text: str, *, legal_cause: str, by: UUID | None, now: datetime
) -> None:
    """Open objections to a result end with it when it is annulled, in the transaction that annuls it; `text` says so."""
    others = await fetch(
        "SELECT id FROM objection WHERE round_id = $1 AND answered_at IS NULL AND withdrawn_at IS NULL ORDER BY raised_at",
        round_id,
    )
    for other in others:
        await _end_answered(project, other["id"], str(Decision.UPHELD), remedy, text, legal_cause, by, now)
