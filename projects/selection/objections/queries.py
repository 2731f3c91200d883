"""Reading objections: for their parties, the operator, and the regulators whose field it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound
from market.register.queries import Entry, history_of
from market.web.viewer import Viewer
from projects.oversight import watches
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.sign_ups.queries import took_part


@dataclass(frozen=True)
class ObjectionView:
    id: UUID
    project_id: UUID
    project_number: str
    project_title: str
    project_stage: Stage
    owner_id: UUID
    region_code: str
    service_items: tuple[str, ...]
    catalogue_version: str
    round_id: UUID
    drawn_id: UUID | None
    round_no: int
    raised_by_organisation: UUID
    raised_by_name: str
    by_owner: bool
    grounds: str
    raised_at: datetime
    entry_id: UUID
    answer_due_at: datetime
    statement_due_at: datetime | None
    statement: str
    stated_at: datetime | None
    withdrawn_at: datetime | None
    decision: str | None
    remedy: str | None
    answer: str
    legal_cause: str
    answered_at: datetime | None

    @property
    def open(self) -> bool:
        return self.withdrawn_at is None and self.answered_at is None

    @property
    def url(self) -> str:
        return f"/objections/{self.id}"

    def awaits_statement(self, now: datetime) -> bool:
        """Whether the owner may still state its view, so that the answer has to wait for it."""
        return (
            self.open and self.stated_at is None and self.statement_due_at is not None and now < self.statement_due_at
        )


_OBJECTION = """
SELECT b.id, b.project_id, p.number AS project_number, p.title AS project_title, p.stage AS project_stage, p.owner_id,
       p.region_code, p.service_items, p.catalogue_version, b.round_id, r.winner_id AS drawn_id, r.no AS round_no, b.raised_by_organisation, o.name AS raised_by_name,
       b.raised_by_organisation = p.owner_id AS by_owner, b.grounds, b.raised_at, b.entry_id, b.answer_due_at,
       b.statement_due_at, b.statement, b.stated_at, b.withdrawn_at, b.decision, b.remedy, b.answer, b.legal_cause, b.answered_at
FROM objection b
JOIN project p ON p.id = b.project_id
JOIN selection_round r ON r.id = b.round_id
JOIN organisation o ON o.id = b.raised_by_organisation
"""


def _objection(row: dict[str, Any]) -> ObjectionView:
    return ObjectionView(**{
        **row, "project_stage": Stage(row["project_stage"]), "service_items": tuple(row["service_items"]),
    })  # fmt: skip


async def objection_by_id(objection_id: UUID) -> ObjectionView:
    row = await fetch_one(f"{_OBJECTION} WHERE b.id = $1", objection_id)
    if row is None:
        raise NotFound
    return _objection(row)


async def access_objection(viewer: Viewer, objection_id: UUID) -> ObjectionView:
    """For who raised it, the owner, whoever was drawn, the operator, and regulators in whose scope the project lies;
    else NotFound."""
    found = await objection_by_id(objection_id)
    parties = {found.raised_by_organisation, found.owner_id, found.drawn_id}
    if viewer.organisation_id in parties or viewer.is_operator or await watches(viewer, found):
        return found
    raise NotFound


async def act_of(found: ObjectionView, kind: str) -> Entry | None:
    """The register entry of an act on this objection."""
    entries = [one for one in await history_of(found.project_number) if one.kind == kind]
    return next((one for one in entries if one.data.get("objection") == str(found.id)), None)


async def objections_of(project_id: UUID) -> list[ObjectionView]:
    rows = await fetch(f"{_OBJECTION} WHERE b.project_id = $1 ORDER BY b.raised_at", project_id)
    return [_objection(row) for row in rows]


async def unanswered() -> list[ObjectionView]:
    """Everything that waits for the operator's answer, the most urgent first."""
    rows = await fetch(
        f"{_OBJECTION} WHERE b.answered_at IS NULL AND b.withdrawn_at IS NULL ORDER BY b.answer_due_at, b.id"
    )
    return [_objection(row) for row in rows]


async def to_state(owner_id: UUID | None, now: datetime) -> list[ObjectionView]:
    """Objections on which this owner may still state its view."""
    rows = await fetch(
        f"{_OBJECTION} WHERE p.owner_id = $1 AND b.answered_at IS NULL AND b.withdrawn_at IS NULL AND b.stated_at IS NULL"
        " AND b.statement_due_at > $2 ORDER BY b.statement_due_at, b.id",
        owner_id, now,
    )  # fmt: skip
    return [_objection(row) for row in rows]


async def may_object(viewer: Viewer, project: ProjectView, now: datetime) -> bool:
    """The owner and every agency that had signed up, during the notice of the result."""
    ends_at = project.result_notice_ends_at
    if project.stage is not Stage.RESULT_NOTICE or ends_at is None or now >= ends_at or not viewer.has_role("handler"):
        return False
    return await is_party(viewer, project)


async def is_party(viewer: Viewer, project: ProjectView) -> bool:
    if viewer.organisation_id is None:
        return False
    return viewer.organisation_id == project.owner_id or (
        viewer.is_agency and await took_part(project.id, viewer.organisation_id)
    )
