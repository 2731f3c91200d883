"""Reading complaints: everybody may know that there is one and how it ended; what it says is for the parties, the operator
and the regulators whose field it is, and its evidence for the complainant and those who decide or run the market."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.oversight.queries import watch_of
from market.register.queries import Entry, history_of
from market.web.viewer import Viewer
from projects.complaints.rules import (
    Decision,
    Effect,
    Facts,
    Objected,
    Remedy,
    Standing,
    State,
    effect_of,
    remedies_of,
    state_of,
)
from projects.oversight import WATCHED_PROJECT, watches
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.objections.queries import ObjectionView


@dataclass(frozen=True)
class ComplaintView:
    id: UUID
    number: str
    project_id: UUID
    project_number: str
    project_title: str
    project_stage: Stage
    method: str
    region_code: str
    service_items: tuple[str, ...]
    catalogue_version: str
    rulebook_version: str
    owner_id: UUID
    owner_name: str
    winner_id: UUID | None
    winner_name: str | None
    objection_id: UUID
    objector_id: UUID
    answered_by: UUID | None
    objection_upheld: bool
    round_id: UUID
    round_no: int
    result_stands: bool
    drawn_id: UUID | None
    drawn_name: str | None
    complainant_id: UUID
    complainant_name: str
    complainant_code: str
    standing: Standing
    grounds: str
    request: str
    filed_at: datetime
    entry_id: UUID
    hold_id: UUID | None
    held: bool
    authority_id: UUID | None
    authority_name: str | None
    acceptance_due_at: datetime
    returned_at: datetime | None
    return_reason: str
    correction_due_at: datetime | None
    correction: str
    corrected_at: datetime | None
    accepted_at: datetime | None
    decision_due_at: datetime | None
    extended_at: datetime | None
    extension_reason: str
    refused_at: datetime | None
    refusal_reason: str
    withdrawn_at: datetime | None
    decision: Decision | None
    remedy: Remedy | None
    excluded_name: str | None
    legal_cause: str
    rule: str
    reasons: str
    decided_at: datetime | None

    @property
    def url(self) -> str:
        return f"/complaints/{self.id}"

    @property
    def project_url(self) -> str:
        return f"/projects/{self.project_number}"

    @property
    def facts(self) -> Facts:
        return Facts(**{one.name: getattr(self, one.name) for one in fields(Facts)})

    @property
    def state(self) -> State:
        return state_of(self.facts)

    @property
    def effect(self) -> Effect:
        """What a decision could do now."""
        return effect_of(self.project_stage, result_stands=self.result_stands, upheld=self.objection_upheld)

    @property
    def alone(self) -> bool:
        """Did the notice name the one agency?"""
        return METHODS[self.method].alone

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        return remedies_of(self.effect, alone=self.alone)

    @property
    def parties(self) -> frozenset[UUID]:
        """Who is told of everything: who complains, who objected, the owner, whoever was drawn then and is now."""
        known = (self.complainant_id, self.objector_id, self.owner_id, self.drawn_id, self.winner_id)
        return frozenset(one for one in known if one is not None)

    @property
    def due(self) -> tuple[datetime, datetime] | None:
        """Since when and until when the step that is on turn runs; None once it has ended."""
        steps = {
            State.FILED: (self.corrected_at or self.filed_at, self.acceptance_due_at),
            State.RETURNED: (self.returned_at, self.correction_due_at),
            State.ACCEPTED: (self.accepted_at, self.decision_due_at),
        }
        since, due_at = steps.get(self.state, (None, None))
        return (since, due_at) if since and due_at else None


_ELSEWHERE: Final = {
    "project_number": "p.number", "project_title": "p.title", "project_stage": "p.stage", "method": "p.method", "region_code": "p.region_code",
    "service_items": "p.service_items", "catalogue_version": "p.catalogue_version",
    "rulebook_version": "p.rulebook_version", "owner_id": "p.owner_id", "owner_name": "o.name",
    "winner_id": "p.winner_id", "winner_name": "w.name", "objector_id": "b.raised_by_organisation",
    "answered_by": "b.answered_by", "objection_upheld": "coalesce(b.decision = 'upheld', false)", "round_id": "b.round_id",
    "round_no": "r.no", "result_stands": "r.annulled_at IS NULL", "drawn_id": "r.winner_id", "drawn_name": "d.name",
    "complainant_name": "x.name", "complainant_code": "x.code", "authority_name": "a.name", "excluded_name": "e.name",
    "held": "EXISTS (SELECT 1 FROM signing_hold h WHERE h.id = c.hold_id AND h.until IS NULL)",
}  # fmt: skip
_COLUMNS = ", ".join(f"{_ELSEWHERE.get(one.name, 'c.' + one.name)} AS {one.name}" for one in fields(ComplaintView))
_COMPLAINT = f"""
SELECT {_COLUMNS} FROM complaint c JOIN project p ON p.id = c.project_id JOIN organisation o ON o.id = p.owner_id
LEFT JOIN organisation w ON w.id = p.winner_id JOIN objection b ON b.id = c.objection_id
JOIN selection_round r ON r.id = b.round_id LEFT JOIN organisation d ON d.id = r.winner_id
JOIN organisation x ON x.id = c.complainant_id LEFT JOIN organisation a ON a.id = c.authority_id
LEFT JOIN organisation e ON e.id = c.excluded_id
"""
_OPEN = "c.refused_at IS NULL AND c.withdrawn_at IS NULL AND c.decided_at IS NULL"


def _view(row: dict[str, Any]) -> ComplaintView:
    return ComplaintView(**{
        **row, "project_stage": Stage(row["project_stage"]), "service_items": tuple(row["service_items"]),
        "standing": Standing(row["standing"]), "decision": Decision(row["decision"]) if row["decision"] else None,
        "remedy": Remedy(row["remedy"]) if row["remedy"] else None,
    })  # fmt: skip


async def complaint_by_id(complaint_id: UUID) -> ComplaintView:
    row = await fetch_one(f"{_COMPLAINT} WHERE c.id = $1", complaint_id)
    if row is None:
        raise NotFound
    return _view(row)


async def access_complaint(viewer: Viewer, complaint_id: UUID) -> ComplaintView:
    """For the parties, the operator, and the regulators in whose scope the project lies; else NotFound."""
    found = await complaint_by_id(complaint_id)
    if viewer.organisation_id in found.parties or viewer.is_operator or await watches(viewer, found):
        return found
    raise NotFound


async def access_own(viewer: Viewer, complaint_id: UUID) -> ComplaintView:
    """For the complainant; else NotFound."""
    found = await complaint_by_id(complaint_id)
    if viewer.organisation_id != found.complainant_id:
        raise NotFound
    return found


async def access_as_authority(viewer: Viewer, complaint_id: UUID) -> ComplaintView:
    """For the regulator that took the complaint up; before that, for all in whose scope the project lies."""
    found = await complaint_by_id(complaint_id)
    if not await watches(viewer, found) or found.authority_id not in (None, viewer.organisation_id):
        raise NotFound
    return found


def may_see_evidence(viewer: Viewer, found: ComplaintView) -> bool:
    """Whoever may read the complaint and is not on the other side of it."""
    return viewer.is_operator or viewer.is_regulator or viewer.organisation_id == found.complainant_id


async def access_evidence(viewer: Viewer, complaint_id: UUID, file_id: UUID) -> StoredFile:
    found = await access_complaint(viewer, complaint_id)
    files = await evidence_of(found.id) if may_see_evidence(viewer, found) else []
    for file in files:
        if file.id == file_id:
            return file
    raise NotFound


async def evidence_of(complaint_id: UUID) -> list[StoredFile]:
    rows = await fetch(
        "SELECT s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at FROM complaint_file f"
        " JOIN stored_file s ON s.id = f.file_id WHERE f.complaint_id = $1 ORDER BY f.id",
        complaint_id,
    )
    return [StoredFile(**row) for row in rows]


async def complaints_of(project_id: UUID) -> list[ComplaintView]:
    """All of a project, oldest first."""
    rows = await fetch(f"{_COMPLAINT} WHERE c.project_id = $1 ORDER BY c.filed_at, c.id", project_id)
    return [_view(row) for row in rows]


async def own_about(objection_id: UUID, organisation_id: UUID | None) -> ComplaintView | None:
    """What this organisation has filed about an objection."""
    row = await fetch_one(
        f"{_COMPLAINT} WHERE c.objection_id = $1 AND c.complainant_id = $2", objection_id, organisation_id
    )
    return _view(row) if row else None


async def about(objection_id: UUID) -> list[ComplaintView]:
    rows = await fetch(f"{_COMPLAINT} WHERE c.objection_id = $1 ORDER BY c.filed_at, c.id", objection_id)
    return [_view(row) for row in rows]


async def open_for(viewer: Viewer) -> list[ComplaintView]:
    """What waits in a regulator's scope, unless another authority took it up."""
    rows = await fetch(
        f"{_COMPLAINT} WHERE {_OPEN} AND coalesce(c.authority_id, $6) = $6 AND {WATCHED_PROJECT} ORDER BY c.filed_at, c.id",
        *(await watch_of(viewer)).values, viewer.organisation_id,
    )  # fmt: skip
    return [_view(row) for row in rows]


async def closed_for(viewer: Viewer, *, limit: int = 50) -> list[ComplaintView]:
    """What this regulator has ended, newest first."""
    rows = await fetch(
        f"{_COMPLAINT} WHERE NOT ({_OPEN}) AND c.authority_id = $1"
        f" ORDER BY coalesce(c.decided_at, c.refused_at, c.withdrawn_at) DESC LIMIT {limit}",
        viewer.organisation_id,
    )
    return [_view(row) for row in rows]


async def ending_of(found: ComplaintView) -> Entry | None:
    """The register entry of the decision or of the refusal."""
    kinds = ("complaint.decided", "complaint.refused")
    acts = [one for one in await history_of(found.project_number) if one.kind in kinds]
    return next((one for one in acts if one.data["complaint"] == str(found.id)), None)


async def to_correct(organisation_id: UUID | None, now: datetime) -> list[ComplaintView]:
    rows = await fetch(
        f"{_COMPLAINT} WHERE c.complainant_id = $1 AND {_OPEN} AND c.returned_at IS NOT NULL AND c.corrected_at IS NULL"
        " AND c.correction_due_at > $2 ORDER BY c.correction_due_at",
        organisation_id, now,
    )  # fmt: skip
    return [_view(row) for row in rows]


async def lapsed_corrections(now: datetime) -> list[UUID]:
    rows = await fetch(
        f"SELECT c.id FROM complaint c WHERE {_OPEN} AND c.returned_at IS NOT NULL AND c.corrected_at IS NULL"
        " AND c.correction_due_at <= $1 ORDER BY c.correction_due_at LIMIT 100",
        now,
    )
    return [row["id"] for row in rows]


async def is_involved(person_id: UUID, found: ComplaintView) -> bool:
    """Whether this person answered the objection, or belongs to one of the parties."""
    if person_id == found.answered_by:
        return True
    involved: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM membership WHERE person_id = $1 AND organisation_id = ANY ($2) AND until IS NULL)",
        person_id, list(found.parties),
    )  # fmt: skip
    return involved


def objected(found: ObjectionView) -> Objected:
    return Objected(
        raised_by=found.raised_by_organisation, owner_id=found.owner_id, drawn_id=found.drawn_id,
        upheld=found.decision == "upheld", answered_at=found.answered_at, answer_due_at=found.answer_due_at,
        withdrawn_at=found.withdrawn_at,
    )  # fmt: skip
