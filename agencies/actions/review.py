"""The operator decides: on applications, on changes, and during the public notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from agencies.actions.agency_row import Terms, check_version, lock_agency, move, touch, unaccept_rows
from agencies.actions.application import apply_firm, apply_licence, apply_services
from agencies.actions.items import KINDS, PRACTITIONER, RowKind
from agencies.queries.application import (
    AgencyView,
    ChangeRow,
    Dossier,
    QualificationRow,
    dossier_of,
    pending_items,
    row_items,
)
from agencies.queries.facts import record_of
from agencies.rules import (
    DECISION_ACTS,
    WHOLE_ITEMS,
    Act,
    Decision,
    FirmDetails,
    Stage,
    Verdict,
    check_decision,
    check_record,
    check_verdicts,
    marks_of,
    returned_of,
    uncovered,
)
from market.accounts.actions import tell
from market.catalogue.rules import Catalogue, Wording
from market.kernel.calendar import BEIJING, ONE_DAY, beijing_date
from market.kernel.db import execute, fetch_one, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer

# The reason that stands in the records when nobody decided; pages translate it.
LAPSED = N_("The application was not corrected in time.")


def review_items(dossier: Dossier) -> list[str]:
    """What has to be decided on a submitted application."""
    return [*WHOLE_ITEMS, *(item for item, _ in row_items(dossier))]


async def review_application(
    agency_id: UUID, decision: Decision, verdicts: Sequence[Verdict], reason: str, *, version: int, acting: Viewer,
    catalogue: Catalogue, terms: Terms, now: datetime,
) -> None:  # fmt: skip
    """Accept (the public notice begins), return once for correction, or refuse. Of two operators who decide at the
    same time one wins; the other gets a Refusal and nothing of theirs is recorded."""
    async with transaction():
        agency = await lock_agency(agency_id)
        rounds = terms.rulebook.integer("entry.correction_rounds")
        check_decision(
            decision,
            verdicts,
            stage=agency.stage,
            reason=reason,
            corrections_used=agency.corrections_used,
            rounds=rounds,
        )
        check_version(agency, version)
        dossier = await dossier_of(agency)
        check_verdicts(verdicts, review_items(dossier))
        if decision is Decision.ACCEPT:
            _check_coverage(dossier, verdicts, catalogue)
            check_record(marks_of(await record_of(agency_id), terms.rulebook, beijing_date(now)))
        await _write_verdicts(verdicts, now)
        await _write_review(agency_id, decision, verdicts, acting, now)
        await _decide(agency, decision, reason, acting=acting, terms=terms, now=now)


async def _decide(
    agency: AgencyView, decision: Decision, reason: str, *, acting: Viewer, terms: Terms, now: datetime
) -> None:
    match decision:
        case Decision.ACCEPT:
            ends_at = terms.due("entry.notice_days", now)
            await move(agency, Act.ACCEPT, notice_started_at=now, notice_ends_at=ends_at, due_at=ends_at)
            text = N_(
                "Your application is accepted. The public notice of your entry lasts until {ends_at}; you are admitted when it ends."
            )
            await _tell(agency, text, "/agency/entry", f"notice:{now.isoformat()}", now, ends_at=_local(ends_at))
        case Decision.RETURN:
            lapses_at = terms.due("entry.correction_days", now)
            await move(
                agency, Act.RETURN, returned_at=now, corrections_used=agency.corrections_used + 1, due_at=lapses_at
            )
            text = N_("Your application was returned for correction. Correct it and submit it again until {due}.")
            await _tell(agency, text, "/agency/entry", f"returned:{now.isoformat()}", now, due=_local(lapses_at))
        case Decision.REFUSE:
            await refuse(agency, DECISION_ACTS[decision], reason, by=acting.organisation_code, now=now)


async def stop_entry(agency_id: UUID, reason: str, *, version: int, acting: Viewer, now: datetime) -> None:
    """During the public notice: an objection is upheld, the agency does not enter."""
    async with transaction():
        agency = await lock_agency(agency_id)
        check_version(agency, version)
        await refuse(agency, Act.STOP, reason, by=acting.organisation_code, now=now)


async def refuse(agency: AgencyView, act: Act, reason: str, *, by: str, now: datetime) -> None:
    """In the caller's transaction. Nothing stays accepted; the agency may apply again at any time."""
    await move(agency, act, refused_at=now, refusal_reason=reason, due_at=None)
    await unaccept_rows(agency.id)
    await record("agency.refused", subject=agency.code, by=by, data={"name": agency.name, "reason": reason}, at=now)
    text = N_("Your application for entry was refused: {reason}")
    if act is Act.LAPSE:
        text = N_("Your application for entry lapsed because it was not corrected in time. You may apply again.")
    await _tell(agency, text, "/agency/entry", f"refused:{now.isoformat()}", now, reason=reason)


def _check_coverage(dossier: Dossier, verdicts: Sequence[Verdict], catalogue: Catalogue) -> None:
    accepted = {verdict.item for verdict in verdicts if verdict.accepted}
    held = [row.held for row in dossier.qualifications if f"qualification:{row.id}" in accepted]
    missing = uncovered(dossier.agency.service_items, held, catalogue)
    if missing:
        raise Refusal(
            "entry.services_uncovered", N_("Without the returned qualifications the agency may not by law offer: {items}."),
            items=Wording("、".join(item.name.zh for item in missing), ", ".join(item.name.en for item in missing)),
            todo=N_("Return the service items as well, or refuse the application."),
        )  # fmt: skip


async def _write_verdicts(verdicts: Sequence[Verdict], now: datetime) -> None:
    for verdict in verdicts:
        kind, row_id = _row_of(verdict)
        if kind is not None:
            await _write_verdict(kind, row_id, verdict, now)


def _row_of(verdict: Verdict) -> tuple[RowKind | None, UUID]:
    kind, _, row_id = verdict.item.partition(":")
    return KINDS.get(kind), UUID(row_id) if row_id else UUID(int=0)


async def _write_verdict(kind: RowKind, row_id: UUID, verdict: Verdict, now: datetime) -> None:
    """An accepted successor ends what it replaces; a person bound elsewhere meanwhile cannot be accepted."""
    if verdict.accepted:
        if kind is PRACTITIONER:
            await _check_unbound(row_id)
        await execute(
            f"UPDATE {kind.table} SET {kind.ended} = $2 WHERE {kind.ended} IS NULL"
            f" AND id = (SELECT replaces FROM {kind.table} WHERE id = $1)",
            row_id, now,
        )  # fmt: skip
    await execute(
        f"UPDATE {kind.table} SET review = $2, review_reason = $3, reviewed_at = $4 WHERE id = $1",
        row_id, "accepted" if verdict.accepted else "returned", verdict.reason, now,
    )  # fmt: skip


async def _check_unbound(row_id: UUID) -> None:
    other = await fetch_one(
        "SELECT p.name, o.name AS agency FROM agency_practitioner mine"
        " JOIN agency_practitioner p ON p.id_number_digest = mine.id_number_digest AND p.agency_id <> mine.agency_id"
        " JOIN organisation o ON o.id = p.agency_id"
        " WHERE mine.id = $1 AND p.left_at IS NULL AND p.review = 'accepted'",
        row_id,
    )
    if other is not None:
        raise Refusal(
            "practitioner.bound", N_("{name} is bound to {agency} and cannot work for two agencies at a time."), **other,
            todo=N_("Return this practitioner with that reason."),
        )  # fmt: skip


async def _write_review(
    agency_id: UUID, decision: Decision, verdicts: Sequence[Verdict], acting: Viewer, now: datetime
) -> None:
    stored = {Decision.ACCEPT: "accepted", Decision.RETURN: "returned", Decision.REFUSE: "refused"}[decision]
    await execute(
        "INSERT INTO agency_review VALUES ($1, $2, $3, $4, $5, $6)", new_id(), agency_id, stored,
        to_json([verdict.to_json() for verdict in verdicts]), acting.person_id, now,
    )  # fmt: skip


async def review_changes(
    agency_id: UUID, verdicts: Sequence[Verdict], *, version: int, acting: Viewer, terms: Terms, now: datetime
) -> None:
    """After admission: each waiting change is accepted, and then in force, or returned; what stood stands till then."""
    async with transaction():
        agency = await lock_agency(agency_id)
        check_version(agency, version)
        dossier = await dossier_of(agency)
        if agency.stage is not Stage.ADMITTED or not pending_items(dossier):
            raise Refusal("entry.nothing_waits", N_("Nothing of this agency waits for review any more."))
        check_verdicts(verdicts, pending_items(dossier))
        made = [await _decide_change(dossier, verdict, now) for verdict in verdicts]
        await _write_verdicts(verdicts, now)
        decision = Decision.RETURN if returned_of(verdicts) else Decision.ACCEPT
        await _write_review(agency_id, decision, verdicts, acting, now)
        await touch(agency, terms)
        await _publish_changes(agency, [change for change in made if change], acting, now)
        await _tell_reviewed(agency, returned=len(returned_of(verdicts)), now=now)


async def _decide_change(dossier: Dossier, verdict: Verdict, now: datetime) -> dict[str, Any] | None:
    """Brings an accepted section into force; answers with what the register may say of an accepted item."""
    kind, _, found = verdict.item.partition(":")
    if kind == "change":
        change = next(one for one in dossier.changes if one.id == UUID(found))
        await _close_change(change, verdict, now)
        return await _bring_into_force(dossier.agency, change) if verdict.accepted else None
    return _public_change(dossier, kind, UUID(found)) if verdict.accepted else None


async def _close_change(change: ChangeRow, verdict: Verdict, now: datetime) -> None:
    await execute(
        "UPDATE agency_change SET review = $2, review_reason = $3, reviewed_at = $4, ended_at = $5 WHERE id = $1",
        change.id, "accepted" if verdict.accepted else "returned", verdict.reason, now, now if verdict.accepted else None,
    )  # fmt: skip


async def _bring_into_force(agency: AgencyView, change: ChangeRow) -> dict[str, Any]:
    match change.section:
        case "firm":
            details = FirmDetails.from_json(change.proposed)
            await apply_firm(agency.id, details, change.file_id)
            return {"item": "firm", "fields": list(details.differing(agency.firm)), "name": details.name}
        case "services":
            await apply_services(agency.id, change.proposed["service_items"])
            return {"item": "services", "service_items": change.proposed["service_items"]}
        case _:
            if change.file_id is None:
                raise NotFound
            await apply_licence(agency.id, change.file_id)
            return {"item": "licence"}


def _public_change(dossier: Dossier, kind: str, row_id: UUID) -> dict[str, Any]:
    """No names of people: certificates are public, practitioners and authorised persons only counted."""
    row = next(row for item, row in row_items(dossier) if item == f"{kind}:{row_id}")
    change: dict[str, Any] = {"item": kind, "act": "replaced" if row.replaces else "added"}
    if isinstance(row, QualificationRow):
        change |= public_certificate(row)
    return change


def public_certificate(row: QualificationRow) -> dict[str, Any]:
    return {
        "type": row.qualification_type, "level": row.level, "specialities": list(row.specialities),
        "certificate_number": row.certificate_number, "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
    }  # fmt: skip


async def _publish_changes(agency: AgencyView, made: list[dict[str, Any]], acting: Viewer, now: datetime) -> None:
    if made:
        await record("agency.changed", subject=agency.code, by=acting.organisation_code, data={"changes": made}, at=now)


async def _tell_reviewed(agency: AgencyView, *, returned: int, now: datetime) -> None:
    if returned:
        text = N_("Your changes were reviewed; {returned} of them were returned with reasons.")
        await _tell(agency, text, "/agency/changes", f"changes:{now.isoformat()}", now, returned=returned)
    else:
        await _tell(
            agency,
            N_("Your changes were accepted and are in force."),
            "/agency/changes",
            f"changes:{now.isoformat()}",
            now,
        )


async def _tell(agency: AgencyView, text: str, link: str, cause: str, now: datetime, **facts: Any) -> None:
    await tell(agency.id, text, link=link, cause=f"agency.{cause}", now=now, facts=facts)


def _local(moment: datetime) -> str:
    """Facts of messages are stored as text; times in them are Beijing time, and midnight ends a day."""
    local = moment.astimezone(BEIJING)
    if local.time() == time.min:
        return f"{local.date() - ONE_DAY} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"
