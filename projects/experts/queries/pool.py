"""The pool: one's own entry, the operator's list, and what the public may know of an expert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound
from market.oversight.queries import within
from market.web.viewer import Viewer
from projects.experts.rules import Facts, Stage


@dataclass(frozen=True)
class ExpertView:
    """An expert as the expert and the operator know him or her; numbers masked."""

    id: UUID
    organisation_id: UUID
    code: str
    name: str
    region_code: str
    stage: Stage
    specialities: tuple[str, ...]
    profession: str
    title: str
    employer_name: str
    employer_code: str | None
    id_number_masked: str
    phone_masked: str
    bank_name: str
    account_masked: str
    submitted_at: datetime | None
    returned_at: datetime | None
    admitted_at: datetime | None
    refused_at: datetime | None
    exited_at: datetime | None
    reason: str
    due_at: datetime | None
    suspended_until: datetime | None
    suspension_reason: str
    version: int

    @property
    def facts(self) -> Facts:
        return Facts(self.submitted_at, self.returned_at, self.admitted_at, self.refused_at, self.exited_at)

    @property
    def url(self) -> str:
        return f"/operator/experts/{self.code}"


@dataclass(frozen=True)
class Conflict:
    organisation_code: str
    organisation_name: str | None
    reason: str
    declared_at: datetime


@dataclass(frozen=True)
class Training:
    held_on: date
    subject: str
    hours: int


@dataclass(frozen=True)
class YearlyAssessment:
    year: int
    grade: str
    note: str


@dataclass(frozen=True)
class Service:
    """One panel of an expert, for the operator: how it ended, what was paid, how it went."""

    member_id: UUID
    project_number: str
    project_title: str
    invited_at: datetime
    accepted_at: datetime | None
    signed_at: datetime | None
    ended: str | None
    end_reason: str
    completed_at: datetime | None
    fee_fen: int | None
    service_grade: str | None
    service_note: str


@dataclass(frozen=True)
class PublicLine:
    """An expert as the public knows one. `asked`: panels asked to; `scored`: panels scored."""

    code: str
    specialities: tuple[str, ...]
    profession: str
    title: str
    region_code: str
    admitted_at: datetime
    suspended_until: datetime | None
    asked: int
    scored: int


EXPERT_SQL = """
SELECT e.id, e.organisation_id, e.code, o.name, o.region_code, e.stage, e.specialities, e.profession, e.title, e.employer_name,
       e.employer_code, e.id_number_masked, e.phone_masked, e.bank_name, e.account_masked, e.submitted_at, e.returned_at,
       e.admitted_at, e.refused_at, e.exited_at, e.reason, e.due_at, e.suspended_until, e.suspension_reason, e.version
FROM expert e JOIN organisation o ON o.id = e.organisation_id
"""
_PUBLIC = """
SELECT e.code, e.specialities, e.profession, e.title, o.region_code, e.admitted_at, e.suspended_until,
       (SELECT count(*) FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id
        WHERE m.expert_id = e.id AND x.completed_at IS NOT NULL) AS asked,
       (SELECT count(*) FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id
        WHERE m.expert_id = e.id AND m.signed_at IS NOT NULL AND x.completed_at IS NOT NULL) AS scored
FROM expert e JOIN organisation o ON o.id = e.organisation_id
WHERE e.stage = 'admitted' AND ($1::text IS NULL OR $1 = ANY (e.specialities))
ORDER BY e.code LIMIT $2 OFFSET $3
"""
_SERVICES = """
SELECT m.id AS member_id, p.number AS project_number, p.title AS project_title, m.invited_at, m.accepted_at, m.signed_at,
       m.ended, m.end_reason, x.completed_at, m.fee_fen, m.service_grade, m.service_note
FROM panel_member m JOIN expert_panel x ON x.id = m.panel_id JOIN project p ON p.id = x.project_id
WHERE m.expert_id = $1 AND coalesce(x.completed_at, x.failed_at) IS NOT NULL ORDER BY m.invited_at DESC LIMIT 50
"""
_DESK_FILTERS = {
    "waiting": "e.stage = 'submitted'",
    "admitted": "e.stage = 'admitted'",
    "returned": "e.stage = 'returned'",
    "left": "e.stage IN ('refused', 'exited')",
}
DESK_STATES = tuple(_DESK_FILTERS)


def expert_view(row: dict[str, Any]) -> ExpertView:
    return ExpertView(**{**row, "stage": Stage(row["stage"]), "specialities": tuple(row["specialities"])})


async def find_own(organisation_id: UUID) -> ExpertView | None:
    row = await fetch_one(f"{EXPERT_SQL} WHERE e.organisation_id = $1", organisation_id)
    return expert_view(row) if row else None


_WATCHED = (
    f"($1::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS s (prefix) WHERE {within('o.region_code')}))"
)


def watched_by(viewer: Viewer) -> list[str] | None:
    """The regions (code prefixes) whose experts this viewer may see; None means all."""
    return None if viewer.is_operator else [scope.region_prefix for scope in viewer.scopes]


async def access_expert(viewer: Viewer, code: str) -> ExpertView:
    """For the operator and for the regulators of the expert's region; drafts are the expert's own business."""
    if not (viewer.is_operator or viewer.is_regulator):
        raise NotFound
    row = await fetch_one(
        f"{EXPERT_SQL} WHERE {_WATCHED} AND e.code = $2 AND e.stage <> 'draft'", watched_by(viewer), code
    )
    if row is None:
        raise NotFound
    return expert_view(row)


async def experts_in(viewer: Viewer, state: str, *, limit: int, offset: int = 0) -> list[ExpertView]:
    """`state`: one of DESK_STATES."""
    order = "e.due_at, e.code" if state == "waiting" else "e.code"
    rows = await fetch(
        f"{EXPERT_SQL} WHERE {_WATCHED} AND {_DESK_FILTERS[state]} ORDER BY {order} LIMIT $2 OFFSET $3",
        watched_by(viewer), limit, offset,
    )  # fmt: skip
    return [expert_view(row) for row in rows]


async def desk_counts(viewer: Viewer) -> dict[str, int]:
    columns = ", ".join(f"count(*) FILTER (WHERE {sql}) AS {name}" for name, sql in _DESK_FILTERS.items())
    row = await fetch_one(
        f"SELECT {columns} FROM expert e JOIN organisation o ON o.id = e.organisation_id WHERE {_WATCHED}",
        watched_by(viewer),
    )
    assert row is not None
    return row


async def conflicts_of(expert_id: UUID) -> list[Conflict]:
    rows = await fetch(
        "SELECT c.organisation_code, o.name AS organisation_name, c.reason, c.declared_at FROM expert_conflict c"
        " LEFT JOIN organisation o ON o.code = c.organisation_code"
        " WHERE c.expert_id = $1 AND c.ended_at IS NULL ORDER BY c.declared_at, c.organisation_code",
        expert_id,
    )
    return [Conflict(**row) for row in rows]


async def trainings_of(expert_id: UUID) -> list[Training]:
    rows = await fetch(
        "SELECT held_on, subject, hours FROM expert_training WHERE expert_id = $1 ORDER BY held_on DESC, recorded_at DESC",
        expert_id,
    )
    return [Training(**row) for row in rows]


async def assessments_of(expert_id: UUID) -> list[YearlyAssessment]:
    rows = await fetch(
        "SELECT year, grade, note FROM expert_assessment WHERE expert_id = $1 ORDER BY year DESC", expert_id
    )
    return [YearlyAssessment(**row) for row in rows]


async def services_of(expert_id: UUID) -> list[Service]:
    """The newest first. Running panels are secret, from the operator too."""
    return [Service(**row) for row in await fetch(_SERVICES, expert_id)]


async def public_pool(speciality: str | None, *, limit: int, offset: int = 0) -> list[PublicLine]:
    """Everybody who may be drawn, by code. Panels count once their marks are published: a running panel is secret."""
    rows = await fetch(_PUBLIC, speciality, limit, offset)
    return [PublicLine(**{**row, "specialities": tuple(row["specialities"])}) for row in rows]


async def public_count(speciality: str | None) -> int:
    row = await fetch_one(
        "SELECT count(*) AS n FROM expert WHERE stage = 'admitted' AND ($1::text IS NULL OR $1 = ANY (specialities))",
        speciality,
    )
    assert row is not None
    count: int = row["n"]
    return count
