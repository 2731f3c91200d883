"""A complaint is filed, examined, perhaps corrected or taken back, and decided by the regulator; until then its project's
signing stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, execute_many, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.complaints import rules
from projects.complaints.queries import (
    ComplaintView,
    access_as_authority,
    access_own,
    complaint_by_id,
    is_involved,
    objected,
)
from projects.complaints.remedies import carry_out
from projects.complaints.rules import Effect, Remedy, Ruling, effect_of
from projects.contracts.holds import hold_signing, release_signing
from projects.queries import ProjectView
from projects.selection.objections.queries import ObjectionView, objection_by_id

NOT_CORRECTED = N_("It was not corrected in the time set for it.")


@dataclass(frozen=True)
class NewComplaint:
    """`request`: what the complainant asks for, in its own words; may be empty."""

    grounds: str
    request: str
    uploads: tuple[Upload, ...]


async def file_complaint(
    objection_id: UUID,
    complaint: NewComplaint,
    *,
    viewer: Viewer,
    files: ObjectStore,
    calendar: Calendar,
    now: datetime,
) -> UUID:
    """Complains about the answer to an objection, or that there is none. Each of those entitled does so once: sent again
    it answers with the same complaint. Raises NotFound for strangers, Refusal outside the time to complain."""
    about = objected(await objection_by_id(objection_id))
    standing = rules.standing_of(viewer.organisation_id, about)
    if standing is None:
        raise NotFound
    known = await _known(objection_id, viewer)
    if known is not None:
        return known
    rules.check_filing(about, file_by=await file_by(objection_id, calendar, now), now=now)
    kept = await _keep(files, complaint.uploads, viewer, now)
    async with transaction():
        project = await lock_project((await objection_by_id(objection_id)).project_id)
        found = await objection_by_id(objection_id)
        known = await _known(objection_id, viewer)
        if known is not None:
            return known
        # The answer may have come in the meantime, and with it another standing.
        standing = rules.standing_of(viewer.organisation_id, objected(found)) or standing
        rules.check_filing(objected(found), file_by=await file_by(objection_id, calendar, now), now=now)
        complaint_id = await _insert(project, found, standing, complaint, kept, viewer, calendar, now)
        if await _suspends_from_filing(project):
            await _hold(project, complaint_id, now)
    return complaint_id


async def file_by(objection_id: UUID, calendar: Calendar, now: datetime) -> datetime | None:
    """Until when one may complain about this objection; None before the time has begun."""
    found = await objection_by_id(objection_id)
    start = rules.time_to_file_from(objected(found), now)
    if start is None:
        return None
    version = await fetch_value("SELECT rulebook_version FROM project WHERE id = $1", found.project_id)
    return deadline(await catalogue_queries.rulebook(version), "complaint.within_days", start, calendar)


async def _known(objection_id: UUID, viewer: Viewer) -> UUID | None:
    found: UUID | None = await fetch_value(
        "SELECT id FROM complaint WHERE objection_id = $1 AND complainant_id = $2", objection_id, viewer.organisation_id
    )
    return found


async def _keep(files: ObjectStore, uploads: Sequence[Upload], viewer: Viewer, now: datetime) -> list[StoredFile]:
    """Files go to the store before the transaction: it may be remote, and nothing waits for it while rows are locked."""
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return [await keep(files, one, owner=viewer.organisation_id, by=viewer.person_id, now=now) for one in uploads]


async def _insert(
    project: ProjectView, found: ObjectionView, standing: rules.Standing, complaint: NewComplaint,
    kept: Sequence[StoredFile], viewer: Viewer, calendar: Calendar, now: datetime,
) -> UUID:  # fmt: skip
    complaint_id = new_id()
    book = await catalogue_queries.rulebook(project.rulebook_version)
    count: int = await fetch_value("SELECT count(*) FROM complaint WHERE project_id = $1", project.id)
    number = rules.complaint_number(project.number, count + 1)
    entry_id = await record(
        "complaint.filed", subject=project.number, by=viewer.organisation_code, at=now,
        data={
            "complaint": str(complaint_id), "number": number, "objection": str(found.id), "standing": str(standing),
            "files": len(kept),
        },
        private={"grounds": complaint.grounds, "request": complaint.request, "files": [one.sha256 for one in kept]},
    )  # fmt: skip
    await execute(
        "INSERT INTO complaint (id, number, project_id, objection_id, complainant_id, standing, grounds, request,"
        " filed_by, filed_at, entry_id, acceptance_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        complaint_id, number, project.id, found.id, viewer.organisation_id, str(standing), complaint.grounds,
        complaint.request, viewer.person_id, now, entry_id, deadline(book, "complaint.acceptance_days", now, calendar),
    )  # fmt: skip
    await _attach(complaint_id, kept)
    return complaint_id


async def _attach(complaint_id: UUID, kept: Sequence[StoredFile]) -> None:
    await execute_many(
        "INSERT INTO complaint_file (id, complaint_id, file_id) VALUES ($1, $2, $3)",
        [(new_id(), complaint_id, file.id) for file in kept],
    )


async def _suspends_from_filing(project: ProjectView) -> bool:
    book = await catalogue_queries.rulebook(project.rulebook_version)
    return book.flag("complaint.suspends_from_filing")


async def _hold(project: ProjectView, complaint_id: UUID, now: datetime) -> None:
    """Suspends signing where a decision could still change the result."""
    found = await complaint_by_id(complaint_id)
    if found.hold_id is not None or found.effect is Effect.FINDING:
        return
    hold_id = await hold_signing(project.id, reference=found.number, now=now)
    await execute("UPDATE complaint SET hold_id = $2 WHERE id = $1", complaint_id, hold_id)


async def _release(found: ComplaintView, calendar: Calendar, now: datetime) -> None:
    if found.held:
        assert found.hold_id is not None
        await release_signing(found.hold_id, calendar=calendar, now=now)


async def _lock(found: ComplaintView) -> ComplaintView:
    """Project first, complaint second: nothing about either changes until the transaction ends."""
    await lock_project(found.project_id)
    await execute("SELECT 1 FROM complaint WHERE id = $1 FOR NO KEY UPDATE", found.id)
    return await complaint_by_id(found.id)


async def withdraw(complaint_id: UUID, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The complainant takes it back, for good: signing goes on."""
    async with transaction():
        found = await _lock(await access_own(viewer, complaint_id))
        rules.check_open(found.facts)
        await execute("UPDATE complaint SET withdrawn_at = $2 WHERE id = $1", found.id, now)
        await _record(found, "complaint.withdrawn", by=found.complainant_code, now=now)
        await _release(found, calendar, now)


async def correct(
    complaint_id: UUID, text: str, uploads: Sequence[Upload], *, viewer: Viewer, files: ObjectStore, calendar: Calendar,
    now: datetime,
) -> None:  # fmt: skip
    """The complainant adds what was missing; the time to examine it starts again."""
    rules.check_correction((await access_own(viewer, complaint_id)).facts, now)
    kept = await _keep(files, uploads, viewer, now)
    async with transaction():
        found = await _lock(await access_own(viewer, complaint_id))
        rules.check_correction(found.facts, now)
        due_at = await _deadline(found, "complaint.acceptance_days", calendar, now)
        await execute(
            "UPDATE complaint SET correction = $2, corrected_at = $3, acceptance_due_at = $4 WHERE id = $1",
            found.id, text, now, due_at,
        )  # fmt: skip
        await _attach(found.id, kept)
        await record(
            "complaint.corrected", subject=found.project_number, by=found.complainant_code, at=now,
            data={"complaint": str(found.id), "files": len(kept)},
            private={"correction": text, "files": [one.sha256 for one in kept]},
        )  # fmt: skip


async def accept(complaint_id: UUID, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The regulator takes the complaint up; the time to decide runs."""
    async with transaction():
        found = await _lock_as_authority(complaint_id, viewer)
        rules.check_examination(found.facts)
        due_at = await _deadline(found, "complaint.decision_days", calendar, now)
        await execute(
            "UPDATE complaint SET authority_id = $2, accepted_by = $3, accepted_at = $4, decision_due_at = $5 WHERE id = $1",
            found.id, viewer.organisation_id, viewer.person_id, now, due_at,
        )  # fmt: skip
        await _record(found, "complaint.accepted", by=viewer.organisation_code, now=now,
                      authority=viewer.organisation_code, decision_due_at=utc_text(due_at))  # fmt: skip
        await _hold(await lock_project(found.project_id), found.id, now)


async def give_back(complaint_id: UUID, reason: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Returned for correction, once."""
    async with transaction():
        found = await _lock_as_authority(complaint_id, viewer)
        rules.check_return(found.facts)
        due_at = await _deadline(found, "complaint.correction_days", calendar, now)
        await execute(
            "UPDATE complaint SET authority_id = $2, returned_by = $3, returned_at = $4, return_reason = $5,"
            " correction_due_at = $6 WHERE id = $1",
            found.id, viewer.organisation_id, viewer.person_id, now, reason, due_at,
        )  # fmt: skip
        await record(
            "complaint.returned", subject=found.project_number, by=viewer.organisation_code, at=now,
            data={"complaint": str(found.id), "correction_due_at": utc_text(due_at)}, private={"reason": reason},
        )  # fmt: skip


async def refuse(complaint_id: UUID, reason: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Not taken up, for a reason that everybody can read: signing goes on."""
    async with transaction():
        found = await _lock_as_authority(complaint_id, viewer)
        rules.check_examination(found.facts)
        await execute("UPDATE complaint SET authority_id = $2 WHERE id = $1", found.id, viewer.organisation_id)
        await _refuse(found, reason, by=viewer.organisation_code, person=viewer.person_id, calendar=calendar, now=now)


async def lapse_correction(complaint_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """A complaint that was not corrected in time is not dealt with. False when somebody was quicker."""
    async with transaction():
        found = await _lock(await complaint_by_id(complaint_id))
        if not rules.correction_lapsed(found.facts, now):
            return False
        await _refuse(found, NOT_CORRECTED, by="market", person=None, calendar=calendar, now=now)
    return True


async def _refuse(
    found: ComplaintView, reason: str, *, by: str, person: UUID | None, calendar: Calendar, now: datetime
) -> None:
    await execute(
        "UPDATE complaint SET refused_by = $2, refused_at = $3, refusal_reason = $4 WHERE id = $1",
        found.id, person, now, reason,
    )  # fmt: skip
    await _record(found, "complaint.refused", by=by, now=now, reason=reason)
    await _release(found, calendar, now)


async def extend(complaint_id: UUID, reason: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """More time to decide, once, for a reason that everybody can read."""
    async with transaction():
        found = await _lock_as_authority(complaint_id, viewer)
        rules.check_extension(found.facts, now)
        assert found.decision_due_at is not None
        # The time ends at midnight; what is added starts on the day that ends there.
        due_at = await _deadline(found, "complaint.extension_days", calendar, found.decision_due_at - rules.INSTANT)
        await execute(
            "UPDATE complaint SET extended_by = $2, extended_at = $3, extension_reason = $4, decision_due_at = $5 WHERE id = $1",
            found.id, viewer.person_id, now, reason, due_at,
        )  # fmt: skip
        await _record(found, "complaint.extended", by=viewer.organisation_code, now=now, reason=reason,
                      decision_due_at=utc_text(due_at))  # fmt: skip


async def decide(complaint_id: UUID, ruling: Ruling, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The regulator's decision, and at once what follows from it. Raises Refusal where the remedy is not possible (any
    more): a contract in force is not annulled here."""
    async with transaction():
        found = await _lock_as_authority(complaint_id, viewer)
        rules.check_decision(found.facts)
        project = await lock_project(found.project_id)
        book = await catalogue_queries.rulebook(project.rulebook_version)
        effect = effect_of(project.stage, result_stands=found.result_stands, upheld=found.objection_upheld)
        rules.check_ruling(ruling, effect, book.rules, alone=found.alone)
        leave_out = project.winner_id if ruling.remedy is Remedy.REDRAW and ruling.leave_out_winner else None
        await _write_ruling(found, ruling, leave_out, viewer, now)
        if ruling.remedy in (None, Remedy.FINDING):
            await _release(found, calendar, now)
            return
        await carry_out(project, found, ruling, leave_out, calendar=calendar, now=now)


async def _write_ruling(
    found: ComplaintView, ruling: Ruling, leave_out: UUID | None, viewer: Viewer, now: datetime
) -> None:
    remedy = str(ruling.remedy) if ruling.remedy else None
    await execute(
        "UPDATE complaint SET decision = $2, remedy = $3, excluded_id = $4, legal_cause = $5, rule = $6, reasons = $7,"
        " decided_by = $8, decided_at = $9 WHERE id = $1",
        found.id, str(ruling.decision), remedy, leave_out, ruling.legal_cause, ruling.rule, ruling.reasons,
        viewer.person_id, now,
    )  # fmt: skip
    excluded = await fetch_value("SELECT code FROM organisation WHERE id = $1", leave_out) if leave_out else None
    await _record(
        found, "complaint.decided", by=viewer.organisation_code, now=now, decision=str(ruling.decision), remedy=remedy,
        excluded=excluded, legal_cause=ruling.legal_cause, rule=ruling.rule, reasons=ruling.reasons,
    )  # fmt: skip


async def _lock_as_authority(complaint_id: UUID, viewer: Viewer) -> ComplaintView:
    """The complaint, locked, for a regulator in charge and a person who has nothing to do with the matter."""
    await _lock(await access_as_authority(viewer, complaint_id))
    found = await access_as_authority(viewer, complaint_id)
    assert viewer.person_id is not None
    if await is_involved(viewer.person_id, found):
        raise Refusal("complaint.involved", N_("You answered the objection or belong to one of the parties, so this complaint is not yours to deal with."),
                      todo=N_("A colleague who has nothing to do with it takes it over."))  # fmt: skip
    return found


async def _deadline(found: ComplaintView, key: str, calendar: Calendar, start: datetime) -> datetime:
    return deadline(await catalogue_queries.rulebook(found.rulebook_version), key, start, calendar)


async def _record(found: ComplaintView, kind: str, *, by: str, now: datetime, **facts: object) -> None:
    await record(kind, subject=found.project_number, by=by, at=now, data={"complaint": str(found.id), **facts})
