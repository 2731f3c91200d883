"""Reading projects: the one view that all sub-packages share, and what it asks of agencies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from agencies.queries import facts_of
from agencies.rules import AgencyFacts
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook
from market.catalogue.rules.catalogue import Catalogue
from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound
from market.kernel.money import Money
from market.web.viewer import Viewer
from projects.eligibility import Assessment, Demand, Line, Mode, Requirement, assess, barring
from projects.milestones import PlannedMilestone
from projects.rules import Criterion, Facts, Job, Stage


@dataclass(frozen=True)
class ProjectView(Job):
    """One published project with the names of its owner and, once drawn, its winner."""

    id: UUID
    number: str
    owner_id: UUID
    owner_code: str
    owner_name: str
    owner_kind: str
    stage: Stage
    method: str
    quote: str
    ceiling_fen: int | None
    floor_fen: int | None
    smallest_discount: int | None
    largest_discount: int | None
    amount_fen: int
    access: str
    access_reason: str
    bidding_starts_at: datetime | None
    price_weight: int | None
    credit_weight: int | None
    tender_number: str
    tender_platform: str
    requirement_mode: str
    practitioners_needed: int
    practitioner_profession: str
    other_requirements: str
    remarks: str
    catalogue_version: str
    rulebook_version: str
    published_by: UUID
    published_at: datetime
    sign_up_opens_at: datetime
    sign_up_closes_at: datetime
    beacon_chain: str
    repost_of: UUID | None
    withdrawn_at: datetime | None
    withdrawal_reason: str
    frozen_at: datetime | None
    failed_at: datetime | None
    failure_reason: str
    winner_id: UUID | None
    winner_code: str | None
    winner_name: str | None
    opened_at: datetime | None
    drawn_at: datetime | None
    result_notice_ends_at: datetime | None
    result_final_at: datetime | None
    signed_at: datetime | None
    accepted_at: datetime | None
    terminated_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None

    @property
    def url(self) -> str:
        return f"/projects/{self.number}"

    @property
    def price(self) -> Money | None:
        """What the winner works for; None where bids decide and have not yet."""
        return Money(self.price_fen) if self.price_fen is not None else None

    @property
    def amount(self) -> Money:
        """The price, or the most that it can be."""
        return Money(self.amount_fen)

    @property
    def ceiling(self) -> Money | None:
        return Money(self.ceiling_fen) if self.ceiling_fen is not None else None

    @property
    def budget(self) -> Money | None:
        return Money(self.budget_fen) if self.budget_fen is not None else None

    @property
    def saved(self) -> Money | None:
        """Budget less price; None where the owner made no estimate or the price is unknown yet."""
        return self.budget - self.price if self.budget and self.price else None

    @property
    def facts(self) -> Facts:
        return Facts(**{one.name: getattr(self, one.name) for one in fields(Facts)})

    def sign_up_open(self, now: datetime) -> bool:
        return self.stage is Stage.SIGN_UP and self.sign_up_opens_at <= now < self.sign_up_closes_at


_JOINED = {
    "owner_code": "o.code", "owner_name": "o.name", "owner_kind": "o.kind", "winner_code": "w.code",
    "winner_name": "w.name",
}  # fmt: skip
_COLUMNS = ", ".join(f"{_JOINED.get(one.name, 'p.' + one.name)} AS {one.name}" for one in fields(ProjectView))
PROJECT_SQL = (
    f"SELECT {_COLUMNS} FROM project p JOIN organisation o ON o.id = p.owner_id"
    " LEFT JOIN organisation w ON w.id = p.winner_id"
)


_read_already: ContextVar[dict[str, ProjectView] | None] = ContextVar("projects read by this page", default=None)


def project_view(row: dict[str, Any]) -> ProjectView:
    return ProjectView(**{**row, "stage": Stage(row["stage"]), "service_items": tuple(row["service_items"])})


@contextmanager
def reading_once() -> Iterator[None]:
    """Within the block each project is read once, however many packages add their part to a page. For pages only:
    acts lock what they read."""
    token = _read_already.set({})
    try:
        yield
    finally:
        _read_already.reset(token)


async def project_by_number(number: str) -> ProjectView:
    """A published project; everybody may see it. Raises NotFound."""
    read = _read_already.get()
    if read is not None and number in read:
        return read[number]
    project = _found(await fetch_one(f"{PROJECT_SQL} WHERE p.number = $1", number))
    if read is not None:
        read[number] = project
    return project


async def project_by_id(project_id: UUID) -> ProjectView:
    return _found(await fetch_one(f"{PROJECT_SQL} WHERE p.id = $1", project_id))


async def access_own_project(viewer: Viewer, number: str) -> ProjectView:
    """The viewer's organisation's own project; anybody else's is NotFound."""
    row = await fetch_one(f"{PROJECT_SQL} WHERE p.number = $1 AND p.owner_id = $2", number, viewer.organisation_id)
    return _found(row)


def _found(row: dict[str, Any] | None) -> ProjectView:
    if row is None:
        raise NotFound
    return project_view(row)


def barring_lists(book: Rulebook) -> frozenset[str]:
    return frozenset(book.texts("entry.barred_lists"))


async def demand_of(project_id: UUID) -> Demand:
    """What the project asks of agencies, as `projects.eligibility.assess` takes it."""
    found = await demands_of([project_id])
    if not found:
        raise NotFound
    return found[project_id]


async def demands_of(project_ids: Sequence[UUID]) -> dict[UUID, Demand]:
    """The same of several projects in a few statements; unknown ids are left out."""
    ids = list(project_ids)
    rows = await fetch(
        "SELECT p.id, p.access, p.service_items, p.service_mode, p.requirement_mode, p.practitioners_needed,"
        " p.practitioner_profession, p.rulebook_version, o.id AS owner_id, o.code AS owner_code, o.legal_representative, o.parent_code"
        " FROM project p JOIN organisation o ON o.id = p.owner_id WHERE p.id = ANY ($1)",
        ids,
    )
    requirements = _grouped(await fetch(f"{_REQUIREMENTS} WHERE project_id = ANY ($1) {_REQUIREMENT_ORDER}", ids))
    avoided = _grouped(
        await fetch("SELECT project_id, agency_id, reason FROM project_avoided WHERE project_id = ANY ($1)", ids)
    )
    invited = _grouped(
        await fetch("SELECT project_id, agency_id FROM project_invited WHERE project_id = ANY ($1)", ids)
    )
    versions = {row["rulebook_version"] for row in rows}
    barred_by = {version: barring_lists(await catalogue_queries.rulebook(version)) for version in versions}
    return {
        row["id"]: Demand(
            service_items=tuple(row["service_items"]),
            service_mode=cast(Mode, row["service_mode"]),
            requirement_mode=cast(Mode, row["requirement_mode"]),
            requirements=tuple(Requirement(**one) for one in requirements.get(row["id"], [])),
            practitioners_needed=row["practitioners_needed"],
            practitioner_profession=row["practitioner_profession"],
            owner_id=row["owner_id"],
            owner_code=row["owner_code"],
            owner_legal_representative=row["legal_representative"],
            owner_parent_code=row["parent_code"],
            avoided={one["agency_id"]: one["reason"] for one in avoided.get(row["id"], [])},
            invited=frozenset(one["agency_id"] for one in invited.get(row["id"], [])) if row["access"] == "invited" else None,
            barring_lists=barred_by[row["rulebook_version"]],
        )
        for row in rows
    }  # fmt: skip


_REQUIREMENTS = "SELECT project_id, qualification_type, level, speciality FROM project_requirement"
_REQUIREMENT_ORDER = "ORDER BY qualification_type, speciality, level"


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.pop("project_id"), []).append(row)
    return found


async def requirements_of(project_id: UUID) -> tuple[Requirement, ...]:
    rows = await fetch(f"{_REQUIREMENTS} WHERE project_id = $1 {_REQUIREMENT_ORDER}", project_id)
    return tuple(Requirement(**one) for one in _grouped(rows).get(project_id, []))


async def criteria_of(project_id: UUID) -> tuple[Criterion, ...]:
    """What experts score, in the order of the notice."""
    rows = await fetch(
        "SELECT name, description, weight FROM project_criterion WHERE project_id = $1 ORDER BY no", project_id
    )
    return tuple(Criterion(**row) for row in rows)


async def stated_milestones(project_id: UUID) -> tuple[PlannedMilestone, ...]:
    """The milestones that the notice states, in their order; none where it leaves them to the contract."""
    rows = await fetch("SELECT title, share, days FROM project_milestone WHERE project_id = $1 ORDER BY no", project_id)
    return tuple(PlannedMilestone(**row) for row in rows)


async def bars_on_winner(project: ProjectView, at: datetime) -> tuple[Line, ...]:
    """What would keep the agency that was selected from being awarded the work at this moment; nothing where nobody is."""
    if project.winner_id is None:
        return ()
    [agency] = await facts_of([project.winner_id])
    return barring(await demand_of(project.id), agency, at=at)


async def assessments(
    demand: Demand, at: datetime, *, catalogue: Catalogue | None = None
) -> list[tuple[AgencyFacts, Assessment]]:
    """Every admitted agency that offers the items, with how it does. Agencies that offer none of them are not loaded."""
    book = catalogue or await catalogue_queries.catalogue_at(at)
    operator = "@>" if demand.service_mode == "all" else "&&"
    offering = await fetch(
        f"SELECT organisation_id FROM agency WHERE stage = 'admitted' AND service_items {operator} $1::text[]",
        list(demand.service_items),
    )
    agencies = await facts_of([row["organisation_id"] for row in offering]) if offering else []
    return [(agency, assess(demand, agency, catalogue=book, at=at)) for agency in agencies]


async def matching(demand: Demand, at: datetime, *, catalogue: Catalogue | None = None) -> list[AgencyFacts]:
    """The admitted agencies that are eligible at this moment, by name."""
    found = await assessments(demand, at, catalogue=catalogue)
    return sorted((agency for agency, result in found if result.eligible), key=lambda agency: agency.name)
