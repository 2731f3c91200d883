"""A regulator records what the approval authority said about a delivered report, and corrects what it recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.contracts.queries import ContractView
from projects.contracts.rules import Side
from projects.fulfilment.queries import Reason
from projects.verdicts import rules
from projects.verdicts.queries import Report, VerdictView, access_as_regulator, verdicts_of
from projects.verdicts.rules import Outcome, Said

_TOLD = {
    Outcome.PASSED: N_("{authority} has passed the report of {project}."),
    Outcome.RETURNED: N_("{authority} has returned the report of {project}: see what has to be put right."),
}


@dataclass(frozen=True)
class NewVerdict:
    """`letter`: the authority's document, where it is sent in."""

    outcome: Outcome
    authority: str
    document_number: str
    decided_on: date
    reasons: tuple[Reason, ...]
    letter: Upload | None


async def record_verdict(
    project_number: str, milestone: int, new: NewVerdict, *, viewer: Viewer, files: ObjectStore, now: datetime
) -> VerdictView:
    """Raises NotFound for others than the regulators of this field, Refusal where it cannot have been given."""
    letter = await _kept(new.letter, viewer, files, project_number, now=now)
    async with transaction():
        contract, report, number = await _lock(viewer, project_number, milestone)
        said = _said(number, new, report, corrects=None)
        rules.check_recording(report.said, said, today=beijing_date(now))
        await _insert(contract, report, said, new, letter, viewer, now=now)
        await _record("verdict.recorded", contract, report, said, new, letter, viewer, now=now)
        await _tell(contract, _TOLD[new.outcome], said, new.authority, now=now)
    return await _verdict(contract.id, said.no)


async def correct_verdict(
    project_number: str, no: int, new: NewVerdict, reason: str, *, viewer: Viewer, files: ObjectStore, now: datetime
) -> VerdictView:
    """The new verdict takes the place of number `no`, with the reason why. Raises like `record_verdict`."""
    _, reports = await access_as_regulator(viewer, project_number)
    old = _numbered(reports, no)
    letter = await _kept(new.letter, viewer, files, project_number, now=now)
    async with transaction():
        contract, report, number = await _lock(viewer, project_number, old.milestone)
        said = _said(number, new, report, corrects=no)
        rules.check_recording(report.said, said, today=beijing_date(now))
        await _insert(contract, report, said, new, letter, viewer, now=now, corrects_id=old.id, reason=reason)
        await _record("verdict.corrected", contract, report, said, new, letter, viewer, now=now, corrects=no,
                      correction=reason, returns_before=report.returns)  # fmt: skip
        text = N_("The record of what {authority} said about the report of {project} was corrected.")
        await _tell(contract, text, said, new.authority, now=now)
    return await _verdict(contract.id, said.no)


async def _kept(
    letter: Upload | None, viewer: Viewer, files: ObjectStore, project_number: str, *, now: datetime
) -> StoredFile | None:
    """Before the transaction: the store may be remote, and nothing waits for it while rows are locked."""
    await access_as_regulator(viewer, project_number)
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return await keep(files, letter, owner=viewer.organisation_id, by=viewer.person_id, now=now) if letter else None


async def _lock(viewer: Viewer, project_number: str, milestone: int) -> tuple[ContractView, Report, int]:
    """With the project locked: its contract, the report of this milestone, and the number of the next verdict."""
    fulfilment, _ = await access_as_regulator(viewer, project_number)
    await lock_project(fulfilment.contract.project_id)
    fulfilment, reports = await access_as_regulator(viewer, project_number)
    report = next((one for one in reports if one.milestone == milestone), None)
    if report is None:
        raise Refusal(
            "verdict.no_report", N_("No report of this milestone has been accepted by the owner yet."),
            todo=N_("Wait until the owner has accepted the delivery."),
        )  # fmt: skip
    return fulfilment.contract, report, 1 + sum(len(one.verdicts) for one in reports)


def _said(number: int, new: NewVerdict, report: Report, *, corrects: int | None) -> Said:
    return Said(number, new.outcome, new.decided_on, beijing_date(report.delivery.delivered_at), corrects)


def _numbered(reports: list[Report], no: int) -> VerdictView:
    for report in reports:
        for one in report.verdicts:
            if one.no == no:
                return one
    raise NotFound


async def _insert(
    contract: ContractView, report: Report, said: Said, new: NewVerdict, letter: StoredFile | None, viewer: Viewer, *,
    now: datetime, corrects_id: UUID | None = None, reason: str = "",
) -> None:  # fmt: skip
    await execute(
        "INSERT INTO report_verdict (id, contract_id, delivery_id, no, outcome, authority, document_number, decided_on, reasons,"
        " file_id, corrects_id, correction_reason, recorded_for, recorded_by, recorded_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9::jsonb,$10,$11,$12,$13,$14,$15)",
        new_id(), contract.id, report.delivery.id, said.no, str(new.outcome), new.authority, new.document_number, new.decided_on,
        to_json(_items(new)), letter.id if letter else None, corrects_id, reason, viewer.organisation_id, viewer.person_id, now,
    )  # fmt: skip


def _items(new: NewVerdict) -> list[dict[str, str]]:
    return [{"where": one.where, "what": one.what} for one in new.reasons]


async def _record(
    act: str, contract: ContractView, report: Report, said: Said, new: NewVerdict, letter: StoredFile | None, viewer: Viewer,
    *, now: datetime, **more: Any,
) -> None:  # fmt: skip
    """`returns`: how often the report of this milestone was returned, with this act."""
    await record(
        act, subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "no": said.no, "milestone": report.milestone,
            "delivery": report.delivery.no, "outcome": str(new.outcome), "authority": new.authority,
            "document": new.document_number, "decided_on": new.decided_on.isoformat(), "reasons": _items(new),
            "file": letter.sha256 if letter else None, "returns": rules.returns([*report.said, said]), **more,
        },
        private={"person": viewer.person_name},
    )  # fmt: skip


async def _tell(contract: ContractView, text: str, said: Said, authority: str, *, now: datetime) -> None:
    for side in Side:
        await tell(
            contract.organisation_of(side), text, link=f"{contract.project_url}#verdicts",
            cause=f"verdict:{contract.number}:{said.no}", facts={"authority": authority, "project": contract.title}, now=now,
        )  # fmt: skip


async def _verdict(contract_id: UUID, no: int) -> VerdictView:
    return next(one for one in await verdicts_of(contract_id) if one.no == no)
