"""Experts come into the pool, stay fit for it, and leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.passwords import digest, seal
from market.accounts.queries import organisation
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch, fetch_one, fetch_value, require_transaction, transaction
from market.kernel.errors import FormInvalid, Message, NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Secret
from market.register.actions import record
from market.web.display import mask_id_number, mask_phone
from market.web.viewer import Viewer
from projects.experts.actions.inviting import lock_panel, published_text
from projects.experts.actions.panels import replace_member
from projects.experts.panel import End
from projects.experts.queries.panels import members_of
from projects.experts.queries.pool import EXPERT_SQL, ExpertView, expert_view
from projects.experts.rules import OPEN_STAGES, Stage, stage_of

PURPOSE = "expert"


@dataclass(frozen=True)
class Application:
    """What an expert says. Numbers in clear, "" to keep the ones that are there."""

    specialities: tuple[str, ...]
    profession: str
    title: str
    employer_name: str
    employer_code: str | None
    id_number: str
    phone: str
    bank_name: str
    account: str


@dataclass(frozen=True)
class Declared:
    organisation_code: str
    reason: str


async def open_application(organisation_id: UUID) -> None:
    """The first visit to the application; later ones change nothing."""
    if (await organisation(organisation_id)).kind != "expert":
        raise NotFound
    async with transaction():
        if await fetch_value("SELECT 1 FROM expert WHERE organisation_id = $1", organisation_id):
            return
        number: int = await fetch_value("SELECT nextval('expert_number')")
        await execute(
            "INSERT INTO expert (id, organisation_id, code, stage, specialities, profession, title, employer_name,"
            " id_number_sealed, id_number_digest, id_number_masked, phone_sealed, phone_masked, bank_name, account_sealed,"
            " account_masked) VALUES ($1,$2,$3,'draft','{}','','','','','','','','','','','')"
            " ON CONFLICT ON CONSTRAINT expert_organisation_once DO NOTHING",
            new_id(), organisation_id, f"EX-{number:06d}",
        )  # fmt: skip


async def save_application(
    organisation_id: UUID, application: Application, conflicts: Sequence[Declared], *, key: Secret, now: datetime
) -> None:
    """Before admission everything can be changed. Afterwards employer, telephone, account and conflicts: they take
    effect at once, because the next draw has to avoid by them; what the admission judged stays."""
    async with transaction():
        expert = await lock_own(organisation_id)
        if expert.stage not in OPEN_STAGES and expert.stage is not Stage.ADMITTED:
            raise Refusal("expert.under_review", N_("Your application is under review and cannot be changed now."))
        values = _particulars(application, key)
        if expert.stage is not Stage.ADMITTED:
            values |= {"specialities": list(application.specialities), "profession": application.profession,
                       "title": application.title, **await _identity(expert, application.id_number, key)}  # fmt: skip
        await _update(expert, values)
        await _declare(expert, conflicts, now)


def _particulars(application: Application, key: Secret) -> dict[str, Any]:
    values: dict[str, Any] = {
        "employer_name": application.employer_name, "employer_code": application.employer_code,
        "bank_name": application.bank_name,
    }  # fmt: skip
    if application.phone:
        values |= {"phone_sealed": seal(key, PURPOSE, application.phone), "phone_masked": mask_phone(application.phone)}
    if application.account:
        values |= {"account_sealed": seal(key, PURPOSE, application.account),
                   "account_masked": f"**** {application.account[-4:]}"}  # fmt: skip
    return values


async def _identity(expert: ExpertView, id_number: str, key: Secret) -> dict[str, str]:
    """Asked first for a helpful answer; the unique index is the real guard."""
    if not id_number:
        return {}
    found = digest(key, PURPOSE, id_number)
    if await fetch_value("SELECT 1 FROM expert WHERE id_number_digest = $1 AND id <> $2", found, expert.id):
        raise FormInvalid({"id_number": [Message(N_("This person is already an expert of this market."))]})
    return {
        "id_number_sealed": seal(key, PURPOSE, id_number), "id_number_digest": found,
        "id_number_masked": mask_id_number(id_number),
    }  # fmt: skip


async def _declare(expert: ExpertView, conflicts: Sequence[Declared], now: datetime) -> None:
    """What is not declared any more ends; what is new begins."""
    codes = [one.organisation_code for one in conflicts]
    await execute(
        "UPDATE expert_conflict SET ended_at = $2 WHERE expert_id = $1 AND ended_at IS NULL AND organisation_code <> ALL ($3)",
        expert.id, now, codes,
    )  # fmt: skip
    for one in conflicts:
        changed = await execute(
            "UPDATE expert_conflict SET reason = $3 WHERE expert_id = $1 AND organisation_code = $2 AND ended_at IS NULL",
            expert.id, one.organisation_code, one.reason,
        )  # fmt: skip
        if not changed:
            await execute(
                "INSERT INTO expert_conflict VALUES ($1,$2,$3,$4,$5,NULL)",
                new_id(), expert.id, one.organisation_code, one.reason, now,
            )  # fmt: skip


async def submit(organisation_id: UUID, *, rulebook: Rulebook, calendar: Calendar, now: datetime) -> None:
    """Hands the application in. Refusal names what is missing."""
    async with transaction():
        expert = await lock_own(organisation_id)
        if missing := gaps(expert):
            raise Refusal(
                "expert.incomplete", N_("The application is not complete: {missing}."), missing=Message(missing[0]),
                todo=N_("Fill it in, save it and hand it in again."),
            )  # fmt: skip
        if expert.stage not in OPEN_STAGES:
            raise Refusal("expert.under_review", N_("Your application is under review and cannot be changed now."))
        due = deadline(rulebook, "expert.review_days", now, calendar)
        await _move(expert, Stage.SUBMITTED, submitted_at=now, returned_at=None, admitted_at=None, refused_at=None,
                    exited_at=None, reason="", due_at=due)  # fmt: skip


def gaps(expert: ExpertView) -> list[str]:
    """What an application still lacks, as message ids."""
    needed = (
        (expert.specialities, N_("specialities")), (expert.profession, N_("profession")), (expert.title, N_("professional title")),
        (expert.id_number_masked, N_("identity card number")), (expert.phone_masked, N_("telephone")),
        (expert.bank_name and expert.account_masked, N_("bank account for fees")),
    )  # fmt: skip
    return [name for value, name in needed if not value]


async def review(code: str, decision: Stage, reason: str, *, version: int, acting: Viewer, now: datetime) -> None:
    """Admitted, returned or refused by the operator or a regulator; of two who decide at once, one does."""
    async with transaction():
        expert = await lock_expert(code)
        check_version(expert, version)
        if expert.stage is not Stage.SUBMITTED:
            raise Refusal("expert.not_submitted", N_("This application is not under review."))
        if decision is not Stage.ADMITTED and not reason:
            raise Refusal("expert.reason_missing", N_("A returned or refused application needs a reason."))
        moments = {Stage.ADMITTED: "admitted_at", Stage.RETURNED: "returned_at", Stage.REFUSED: "refused_at"}
        await _move(
            expert, decision, reason=reason, reviewed_by=acting.person_id, due_at=None, **{moments[decision]: now}
        )
        if decision is Stage.ADMITTED:
            await record("expert.admitted", subject=code, by=acting.organisation_code, at=now, data={
                "specialities": list(expert.specialities),
            })  # fmt: skip
        await tell(expert.organisation_id, _DECIDED[decision], link="/expert/application", now=now,
                   cause=f"expert.{decision}:{now.isoformat()}", facts={"reason": reason})  # fmt: skip


_DECIDED = {
    Stage.ADMITTED: N_("You are admitted to the pool of experts."),
    Stage.RETURNED: N_("Your application as an expert was returned: {reason}"),
    Stage.REFUSED: N_("Your application as an expert was refused: {reason}"),
}


async def leave(code: str, reason: str, *, by: str, own_wish: bool, now: datetime) -> None:
    """Out of the pool: not drawn any more, and replaced on every panel that still waits for this expert's marks."""
    async with transaction():
        panels = await fetch(
            "SELECT DISTINCT m.panel_id FROM panel_member m JOIN expert e ON e.id = m.expert_id"
            " WHERE e.code = $1 AND m.due_at IS NOT NULL ORDER BY m.panel_id",
            code,
        )
        for row in panels:
            await _vacate(row["panel_id"], code, now)
        expert = await lock_expert(code)
        if expert.stage is not Stage.ADMITTED:
            raise Refusal("expert.not_admitted", N_("This expert is not in the pool."))
        await _move(expert, Stage.EXITED, exited_at=now, reason=reason)
        await record(
            "expert.exited", subject=code, by=by, at=now, data={"own_wish": own_wish}, private={"reason": reason}
        )


async def _vacate(panel_id: UUID, code: str, now: datetime) -> None:
    """The reason of an exit is not published, so the panel learns only of the exit."""
    panel = await lock_panel(panel_id)
    mine = [one for one in await members_of(panel_id) if one.code == code and one.due_at is not None]
    if mine and panel.open:
        await replace_member(
            panel, mine[0], End.DECLINED, published_text([Message(N_("Left the pool of experts."))]), now
        )


async def suspend(code: str, until: datetime | None, reason: str, *, version: int) -> None:
    """Not drawn while now < until; None ends it. Panels that were drawn before stay as they are."""
    async with transaction():
        expert = await lock_expert(code)
        check_version(expert, version)
        if expert.stage is not Stage.ADMITTED:
            raise Refusal("expert.not_admitted", N_("This expert is not in the pool."))
        await _update(expert, {"suspended_until": until, "suspension_reason": reason if until else ""})


async def record_training(code: str, held_on: date, subject: str, hours: int, *, by: UUID, now: datetime) -> None:
    async with transaction():
        expert = await lock_expert(code)
        await execute(
            "INSERT INTO expert_training VALUES ($1,$2,$3,$4,$5,$6,$7)",
            new_id(),
            expert.id,
            held_on,
            subject,
            hours,
            by,
            now,
        )


async def record_assessment(code: str, year: int, grade: str, note: str, *, by: UUID, now: datetime) -> None:
    """One a year; a second one for the same year takes the place of the first."""
    async with transaction():
        expert = await lock_expert(code)
        await execute(
            "INSERT INTO expert_assessment VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT ON CONSTRAINT expert_assessment_once"
            " DO UPDATE SET grade = $4, note = $5, recorded_by = $6, recorded_at = $7",
            new_id(), expert.id, year, grade, note, by, now,
        )  # fmt: skip


async def record_service(code: str, member_id: UUID, fee_fen: int | None, grade: str | None, note: str) -> None:
    """What was paid for one panel and how the expert served on it; only where the expert signed."""
    async with transaction():
        changed = await execute(
            "UPDATE panel_member SET fee_fen = $2, service_grade = $3, service_note = $4 WHERE id = $1 AND signed_at IS NOT NULL"
            " AND expert_id = (SELECT id FROM expert WHERE code = $5)",
            member_id, fee_fen, grade, note, code,
        )  # fmt: skip
        if not changed:
            raise NotFound


async def lock_own(organisation_id: UUID) -> ExpertView:
    return await _locked("e.organisation_id", organisation_id)


async def lock_expert(code: str) -> ExpertView:
    return await _locked("e.code", code)


async def _locked(column: str, value: Any) -> ExpertView:
    require_transaction()
    row = await fetch_one(f"{EXPERT_SQL} WHERE {column} = $1 FOR NO KEY UPDATE OF e", value)
    if row is None:
        raise NotFound
    return expert_view(row)


def check_version(expert: ExpertView, version: int) -> None:
    if expert.version != version:
        raise Refusal(
            "expert.changed_meanwhile", N_("This expert's file was changed after you opened the page."),
            todo=N_("Reload the page and decide on what you see then; nothing of yours was recorded."),
        )  # fmt: skip


async def _move(expert: ExpertView, to: Stage, **changes: Any) -> None:
    """Writes facts and the stage that follows from them."""
    names = set(type(expert.facts).__dataclass_fields__)
    follows = stage_of(replace(expert.facts, **{name: value for name, value in changes.items() if name in names}))
    if follows is not to:
        raise RuntimeError(f"these facts make {follows}, not {to}")
    await _update(expert, {"stage": str(to), **changes})


async def _update(expert: ExpertView, changes: dict[str, Any]) -> None:
    """Column names come from our own code only."""
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
    await execute(f"UPDATE expert SET {columns}, version = version + 1 WHERE id = $1", expert.id, *changes.values())


async def suspend_by_decision(
    organisation_id: UUID, until: datetime | None, reason: str, *, before: datetime | None
) -> None:
    """Not drawn while now < until (None: at once again), in the transaction of the decision that says so. `before`: what
    an earlier decision had set; a longer suspension by the operator stays."""
    require_transaction()
    await execute(
        "UPDATE expert SET suspended_until = $2, suspension_reason = $4 WHERE organisation_id = $1"
        " AND (suspended_until IS NULL OR suspended_until = $3 OR suspended_until < $2)",
        organisation_id, until, before, reason if until else "",
    )  # fmt: skip
