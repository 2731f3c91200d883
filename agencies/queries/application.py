"""An agency's application with everything in it, as the agency itself and the operator see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from agencies.queries.oversight import watches_agency
from agencies.rules import Application, FirmDetails, ListedRow, Stage
from market.catalogue.rules import Held
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.web.viewer import Viewer


@dataclass(frozen=True)
class AgencyView:
    """The agency's own row together with its organisation."""

    id: UUID
    code: str
    stage: Stage
    firm: FirmDetails
    licence_file_id: UUID | None
    service_items: tuple[str, ...]
    branch_file_id: UUID | None
    corrections_used: int
    submitted_at: datetime | None
    returned_at: datetime | None
    notice_started_at: datetime | None
    notice_ends_at: datetime | None
    admitted_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str
    exited_at: datetime | None
    exit_reason: str
    due_at: datetime | None
    changes_since: datetime | None
    changes_due_at: datetime | None
    version: int

    @property
    def name(self) -> str:
        return self.firm.name


@dataclass(frozen=True)
class Reviewed:
    """What all reviewed rows have in common. `since`: when it was handed in, or last corrected."""

    id: UUID
    review: str
    review_reason: str
    reviewed_at: datetime | None
    replaces: UUID | None
    since: datetime


Row = TypeVar("Row", bound=Reviewed)


@dataclass(frozen=True)
class QualificationRow(Reviewed):
    qualification_type: str
    level: str
    specialities: tuple[str, ...]
    certificate_number: str
    valid_from: date
    valid_until: date
    file_id: UUID | None

    @property
    def held(self) -> Held:
        return Held(self.qualification_type, self.level, frozenset(self.specialities))

    @property
    def files(self) -> tuple[UUID | None, ...]:
        return (self.file_id,)


@dataclass(frozen=True)
class PractitionerRow(Reviewed):
    name: str
    id_number_masked: str
    profession: str
    certificate_number: str
    valid_until: date
    insurance_file_id: UUID | None

    @property
    def files(self) -> tuple[UUID | None, ...]:
        return (self.insurance_file_id,)


@dataclass(frozen=True)
class AuthorisedRow(Reviewed):
    name: str
    phone: str
    insurance_file_id: UUID | None
    authority_file_id: UUID | None

    @property
    def files(self) -> tuple[UUID | None, ...]:
        return (self.insurance_file_id, self.authority_file_id)


@dataclass(frozen=True)
class ChangeRow:
    """A proposal for one of the sections firm, services, licence."""

    id: UUID
    section: str
    proposed: dict[str, Any]
    file_id: UUID | None
    review: str
    review_reason: str
    proposed_at: datetime


@dataclass(frozen=True)
class Commitment:
    text_version: str
    text_sha256: str
    accepted_at: datetime
    accepted_by: str


@dataclass(frozen=True)
class Review:
    """`items`: [{"item", "accepted", "reason"}] as the operator decided them."""

    decision: str
    items: list[dict[str, Any]]
    reviewed_at: datetime
    reviewer: str


@dataclass(frozen=True)
class Dossier:
    """Everything of one agency. Rows that ended are left out."""

    agency: AgencyView
    commitment: Commitment | None
    qualifications: tuple[QualificationRow, ...]
    practitioners: tuple[PractitionerRow, ...]
    authorised: tuple[AuthorisedRow, ...]
    changes: tuple[ChangeRow, ...]
    reviews: tuple[Review, ...]
    files: dict[UUID, StoredFile]

    def change_of(self, section: str) -> ChangeRow | None:
        return next((change for change in self.changes if change.section == section), None)

    def reason_for(self, item: str) -> str:
        """Why the operator returned this part of the application the last time; "" when it was not returned."""
        latest = self.reviews[0].items if self.reviews and self.agency.stage is Stage.RETURNED else []
        return next((entry["reason"] for entry in latest if entry["item"] == item and not entry["accepted"]), "")


_AGENCY = """
SELECT a.*, o.code, o.name, o.legal_representative, o.region_code, o.address, o.phone, o.complaint_phone, o.parent_code
FROM agency a JOIN organisation o ON o.id = a.organisation_id
"""
_COMMITMENT = """
SELECT c.text_version, c.text_sha256, c.accepted_at, p.name AS accepted_by
FROM agency_commitment c JOIN person p ON p.id = c.accepted_by
WHERE c.agency_id = $1 ORDER BY c.accepted_at DESC LIMIT 1
"""
_QUALIFICATIONS = """
SELECT id, review, review_reason, reviewed_at, replaces, created_at AS since, qualification_type, level, specialities,
       certificate_number, valid_from, valid_until, file_id
FROM agency_qualification WHERE agency_id = $1 AND ended_at IS NULL ORDER BY created_at, id
"""
_PRACTITIONERS = """
SELECT id, review, review_reason, reviewed_at, replaces, since, name, id_number_masked, profession, certificate_number,
       valid_until, insurance_file_id
FROM agency_practitioner WHERE agency_id = $1 AND left_at IS NULL ORDER BY since, id
"""
_AUTHORISED = """
SELECT id, review, review_reason, reviewed_at, replaces, since, name, phone, insurance_file_id, authority_file_id
FROM agency_authorised_person WHERE agency_id = $1 AND left_at IS NULL ORDER BY since, id
"""
_CHANGES = """
SELECT id, section, proposed, file_id, review, review_reason, proposed_at
FROM agency_change WHERE agency_id = $1 AND ended_at IS NULL ORDER BY proposed_at, id
"""
_REVIEWS = """
SELECT r.decision, r.items, r.reviewed_at, p.name AS reviewer
FROM agency_review r JOIN person p ON p.id = r.reviewed_by
WHERE r.agency_id = $1 ORDER BY r.reviewed_at DESC, r.id DESC
"""
_FILES = """
SELECT id, owner_organisation_id, name, media_type, size, sha256, uploaded_at FROM stored_file WHERE id = ANY ($1)
"""


async def find_agency(agency_id: UUID) -> AgencyView | None:
    row = await fetch_one(f"{_AGENCY} WHERE a.organisation_id = $1", agency_id)
    return agency_view(row) if row else None


async def agency_by_code(code: str) -> AgencyView:
    """Raises NotFound."""
    row = await fetch_one(f"{_AGENCY} WHERE o.code = $1", code)
    if row is None:
        raise NotFound
    return agency_view(row)


async def access_own(viewer: Viewer) -> Dossier:
    """The dossier of the viewer's own agency."""
    agency = await find_agency(viewer.organisation_id) if viewer.is_agency and viewer.organisation_id else None
    if agency is None:
        raise NotFound
    return await dossier_of(agency)


async def access_to_review(viewer: Viewer, code: str) -> Dossier:
    """For the operator, and to read for the regulators that watch over the agency; drafts are nobody's but the agency's."""
    agency = await agency_by_code(code)
    if agency.submitted_at is None or not await watches_agency(viewer, agency.id):
        raise NotFound
    return await dossier_of(agency)


async def dossier_of(agency: AgencyView) -> Dossier:
    committed = await fetch_one(_COMMITMENT, agency.id)
    qualifications = tuple(_qualification(row) for row in await fetch(_QUALIFICATIONS, agency.id))
    practitioners = tuple(PractitionerRow(**row) for row in await fetch(_PRACTITIONERS, agency.id))
    authorised = tuple(AuthorisedRow(**row) for row in await fetch(_AUTHORISED, agency.id))
    changes = tuple(_change(row) for row in await fetch(_CHANGES, agency.id))
    rows: tuple[Any, ...] = (*qualifications, *practitioners, *authorised)
    named = {file for row in rows for file in row.files} | {change.file_id for change in changes}
    named |= {agency.licence_file_id, agency.branch_file_id}
    return Dossier(
        agency=agency, commitment=Commitment(**committed) if committed else None, qualifications=_paired(qualifications),
        practitioners=_paired(practitioners), authorised=_paired(authorised), changes=changes,
        reviews=tuple(_review(row) for row in await fetch(_REVIEWS, agency.id)),
        files=await _files([file for file in named if file is not None]),
    )  # fmt: skip


def _paired(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Each row followed by the one that would replace it."""
    listed = {row.id for row in rows}
    firsts = [row for row in rows if row.replaces not in listed]
    return tuple(one for row in firsts for one in (row, *(next_ for next_ in rows if next_.replaces == row.id)))


def application_of(dossier: Dossier) -> Application:
    """The dossier as the completeness rules look at it."""
    agency, firm = dossier.agency, dossier.agency.firm
    return Application(
        introduction=firm.introduction, address=firm.address, phone=firm.phone, established_on=firm.established_on,
        is_branch=firm.branch_of is not None, has_branch_letter=agency.branch_file_id is not None,
        service_items=agency.service_items,
        committed_version=dossier.commitment.text_version if dossier.commitment else None,
        has_licence=agency.licence_file_id is not None, held=tuple(row.held for row in dossier.qualifications),
        qualifications=[_listed(row, row.certificate_number, row.valid_until) for row in dossier.qualifications],
        practitioners=[_listed(row, row.name, row.valid_until) for row in dossier.practitioners],
        authorised=[_listed(row, row.name, None) for row in dossier.authorised],
    )  # fmt: skip


def row_items(dossier: Dossier) -> list[tuple[str, Reviewed]]:
    """Every row with the name under which it is reviewed."""
    return [
        *((f"qualification:{row.id}", row) for row in dossier.qualifications),
        *((f"practitioner:{row.id}", row) for row in dossier.practitioners),
        *((f"authorised:{row.id}", row) for row in dossier.authorised),
    ]


def pending_items(dossier: Dossier) -> list[str]:
    """What waits for review after admission: proposals for sections, and pending rows."""
    changes = [f"change:{change.id}" for change in dossier.changes if change.review == "pending"]
    return changes + [item for item, row in row_items(dossier) if row.review == "pending"]


async def _files(ids: list[UUID]) -> dict[UUID, StoredFile]:
    return {row["id"]: StoredFile(**row) for row in await fetch(_FILES, ids)}


def _listed(row: QualificationRow | PractitionerRow | AuthorisedRow, label: str, valid_until: date | None) -> ListedRow:
    return ListedRow(label, row.review, None not in row.files, valid_until)


def _qualification(row: dict[str, Any]) -> QualificationRow:
    return QualificationRow(**{**row, "specialities": tuple(row["specialities"])})


def _change(row: dict[str, Any]) -> ChangeRow:
    return ChangeRow(**{**row, "proposed": from_json(row["proposed"])})


def _review(row: dict[str, Any]) -> Review:
    return Review(**{**row, "items": from_json(row["items"])})


_FIRM_COLUMNS = (
    "name", "legal_representative", "region_code", "address", "phone", "complaint_phone", "parent_code", "branch_of",
    "introduction", "established_on", "registered_capital_fen",
)  # fmt: skip


def agency_view(row: dict[str, Any]) -> AgencyView:
    """From the columns of agency joined with its organisation."""
    values = dict(row)
    firm = FirmDetails(**{name: values.pop(name) for name in _FIRM_COLUMNS})
    agency_id, stage, items = values.pop("organisation_id"), Stage(values.pop("stage")), values.pop("service_items")
    return AgencyView(id=agency_id, stage=stage, firm=firm, service_items=tuple(items), **values)
