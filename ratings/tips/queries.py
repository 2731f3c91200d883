"""Reading tips. What one says is for whoever told it and for those who may deal with it; the public sees counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.oversight.queries import departments_of, of_services_if_any, watched, within
from market.oversight.rules import Scope
from market.web.viewer import Viewer
from ratings.tips.rules import About, Facts, Handler, Outcome, State, code_digest, may_handle, state_of

_HOUR: Final = timedelta(hours=1)
CLOSED_SHOWN: Final = 50


@dataclass(frozen=True)
class Subject:
    """What a tip is about, found by what the teller typed."""

    about: About
    project_id: UUID | None = None
    accused_id: UUID | None = None
    expert_id: UUID | None = None
    act_id: UUID | None = None


@dataclass(frozen=True)
class TipView:
    """`reference`, `subject_name`, `subject_link`: what it is about, for people; `region`: "" where it has no place;
    `departments`: of the services concerned, empty where it has no industry."""

    id: UUID
    number: str
    about: About
    reference: str
    subject_name: str
    region: str
    accused_id: UUID | None
    accused_code: str | None
    accused_kind: str | None
    grounds: str
    told_by: UUID | None
    teller_name: str | None
    told_at: datetime
    entry_id: UUID
    take_up_due_at: datetime
    authority_id: UUID | None
    authority_name: str | None
    taken_at: datetime | None
    answer_due_at: datetime | None
    outcome: Outcome | None
    answer: str
    answered_at: datetime | None
    withdrawn_at: datetime | None
    asked: bool
    departments: frozenset[str]

    @property
    def url(self) -> str:
        return f"/tips/{self.id}"

    @property
    def subject_link(self) -> str | None:
        match self.about:
            case About.PROJECT:
                return f"/projects/{self.reference}"
            case About.FIRM:
                return f"/agencies/{self.reference}" if self.accused_kind == "agency" else None
            case About.ACT:
                return f"/register/{self.reference}"
            case _:
                return None

    @property
    def state(self) -> State:
        return state_of(Facts(self.taken_at, self.answered_at, self.withdrawn_at))

    @property
    def due(self) -> tuple[datetime, datetime] | None:
        """Since when and until when the step that is on turn runs; None once it has ended."""
        if self.state is State.TOLD:
            return self.told_at, self.take_up_due_at
        if self.state is State.TAKEN:
            assert self.taken_at is not None
            assert self.answer_due_at is not None
            return self.taken_at, self.answer_due_at
        return None


@dataclass(frozen=True)
class MessageView:
    """`authority`: whether the authority wrote it, or the teller."""

    authority: bool
    text: str
    written_at: datetime


_ELSEWHERE: Final = {
    "reference": "coalesce(p.number, a.code, x.code, e.written::text, '')",
    "subject_name": "coalesce(p.title, a.name, x.code, e.kind, '')",
    "region": "coalesce(p.region_code, CASE WHEN t.about = 'firm' THEN a.region_code END, '')",
    "accused_code": "a.code", "accused_kind": "a.kind", "teller_name": "s.name", "authority_name": "h.name",
    # A question of the authority that the teller has not answered.
    "asked": "coalesce((SELECT m.written_by IS NOT NULL FROM tip_message m WHERE m.tip_id = t.id"
             " ORDER BY m.written_at DESC, m.id DESC LIMIT 1), false)",
}  # fmt: skip
_COLUMNS = ", ".join(
    f"{_ELSEWHERE.get(one.name, 't.' + one.name)} AS {one.name}" for one in fields(TipView) if one.name != "departments"
)
_TIP = f"""
SELECT {_COLUMNS}, coalesce(p.service_items, g.service_items) AS service_items, p.catalogue_version FROM tip t LEFT JOIN project p ON p.id = t.project_id LEFT JOIN organisation a ON a.id = t.accused_id
LEFT JOIN expert x ON x.id = t.expert_id LEFT JOIN register_entry e ON e.id = t.act_id
LEFT JOIN person s ON s.id = t.told_by LEFT JOIN organisation h ON h.id = t.authority_id
LEFT JOIN agency g ON g.organisation_id = t.accused_id AND t.about = 'firm'
"""
# $1 … $5: the viewer's `Watch`; t: the tip, p: the project, o: the accused, a: the agency that it is, if it is one.
WATCHED_TIP: Final = f"""CASE t.about
  WHEN 'project' THEN {watched(within("p.region_code"), of_services_if_any("p.service_items", "p.catalogue_version"))}
  WHEN 'firm' THEN {watched(within("o.region_code"), of_services_if_any("a.service_items"))} ELSE {watched()} END"""
_OPEN = "t.answered_at IS NULL AND t.withdrawn_at IS NULL"


async def _view(row: dict[str, Any]) -> TipView:
    outcome = Outcome(row["outcome"]) if row["outcome"] else None
    departments = await departments_of(row.pop("service_items") or (), row.pop("catalogue_version"))
    return TipView(**{**row, "about": About(row["about"]), "outcome": outcome, "departments": departments})


async def tip_by_id(tip_id: UUID) -> TipView:
    row = await fetch_one(f"{_TIP} WHERE t.id = $1", tip_id)
    if row is None:
        raise NotFound
    return await _view(row)


async def tip_of_code(typed: str) -> TipView | None:
    row = await fetch_one(f"{_TIP} WHERE t.code_sha256 = $1", code_digest(typed))
    return await _view(row) if row else None


async def tip_of_form(form: str) -> UUID | None:
    found: UUID | None = await fetch_value("SELECT id FROM tip WHERE form = $1", form)
    return found


def handler_of(viewer: Viewer) -> Handler | None:
    if viewer.organisation_id is None or not (viewer.is_operator or viewer.is_regulator):
        return None
    return Handler(viewer.organisation_id, viewer.organisation_kind, viewer.scopes)


def handles(viewer: Viewer, tip: TipView) -> bool:
    """Whether this viewer's authority may deal with it: the one that took it up, before that all that may."""
    return tip.authority_id in (None, viewer.organisation_id) and _may_handle(viewer, tip)


def _may_handle(viewer: Viewer, tip: TipView) -> bool:
    handler = handler_of(viewer)
    return handler is not None and may_handle(
        handler, about=tip.about, accused=tip.accused_id, region=tip.region, departments=tip.departments
    )


async def elsewhere(viewer: Viewer, tip_id: UUID) -> TipView | None:
    """A tip that another authority deals with, for one that could have: it may have been told of it. Who has it since when
    is in the register; nothing else is for them. None for everybody else."""
    tip = await tip_by_id(tip_id)
    told_it = tip.told_by is not None and tip.told_by == viewer.person_id
    return tip if _may_handle(viewer, tip) and not handles(viewer, tip) and not told_it else None


async def access_tip(viewer: Viewer, tip_id: UUID) -> TipView:
    """For whoever told it under their name, and for those who may deal with it; else NotFound."""
    tip = await tip_by_id(tip_id)
    if (tip.told_by is not None and tip.told_by == viewer.person_id) or handles(viewer, tip):
        return tip
    raise NotFound


async def access_to_handle(viewer: Viewer, tip_id: UUID) -> TipView:
    tip = await tip_by_id(tip_id)
    if not handles(viewer, tip) or tip.told_by == viewer.person_id:
        raise NotFound
    return tip


async def access_own(viewer: Viewer, tip_id: UUID) -> TipView:
    tip = await tip_by_id(tip_id)
    if tip.told_by is None or tip.told_by != viewer.person_id:
        raise NotFound
    return tip


async def access_file(viewer: Viewer, tip_id: UUID, file_id: UUID) -> StoredFile:
    tip = await access_tip(viewer, tip_id)
    for file in await files_of(tip.id):
        if file.id == file_id:
            return file
    raise NotFound


async def files_of(tip_id: UUID) -> list[StoredFile]:
    rows = await fetch(
        "SELECT s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at FROM tip_file f"
        " JOIN stored_file s ON s.id = f.file_id WHERE f.tip_id = $1 ORDER BY f.id",
        tip_id,
    )
    return [StoredFile(**row) for row in rows]


async def messages_of(tip_id: UUID) -> list[MessageView]:
    rows = await fetch(
        "SELECT written_by IS NOT NULL AS authority, text, written_at FROM tip_message WHERE tip_id = $1"
        " ORDER BY written_at, id",
        tip_id,
    )
    return [MessageView(**row) for row in rows]


async def told_by(person_id: UUID) -> list[TipView]:
    rows = await fetch(f"{_TIP} WHERE t.told_by = $1 ORDER BY t.told_at DESC", person_id)
    return [await _view(row) for row in rows]


async def open_for(viewer: Viewer) -> list[TipView]:
    """What waits for this authority, soonest due first."""
    rows = await fetch(
        f"{_TIP} WHERE {_OPEN} AND coalesce(t.authority_id, $1) = $1"
        " ORDER BY coalesce(t.answer_due_at, t.take_up_due_at), t.id",
        viewer.organisation_id,
    )
    return [tip for row in rows if handles(viewer, tip := await _view(row)) and tip.told_by != viewer.person_id]


async def closed_for(viewer: Viewer) -> list[TipView]:
    """What this authority has answered, newest first."""
    rows = await fetch(
        f"{_TIP} WHERE NOT ({_OPEN}) AND t.authority_id = $1 ORDER BY coalesce(t.answered_at, t.withdrawn_at) DESC"
        f" LIMIT {CLOSED_SHOWN}",
        viewer.organisation_id,
    )
    return [await _view(row) for row in rows]


async def subject_of(about: About, typed: str) -> Subject | None:
    """What somebody means by a project number, a unified code, an expert's code or a register number; None if unknown."""
    if about is About.MARKET:
        return Subject(about)
    found = await fetch_one(_SUBJECTS[about], typed.strip().lstrip("#").upper())
    return Subject(about, **found) if found else None


_SUBJECTS: Final = {
    About.PROJECT: "SELECT id AS project_id FROM project WHERE number = $1",
    About.FIRM: "SELECT id AS accused_id FROM organisation WHERE code = $1 AND kind IN ('agency', 'enterprise', 'public_body')",
    About.EXPERT: "SELECT id AS expert_id FROM expert WHERE code = $1",
    About.ACT: "SELECT e.id AS act_id, o.id AS accused_id FROM register_entry e LEFT JOIN organisation o ON o.code = e.by"
               " AND o.kind IN ('operator', 'regulator') WHERE e.written::text = $1",
}  # fmt: skip


async def anonymous_within_an_hour(now: datetime) -> int:
    count: int = await fetch_value(
        "SELECT count(*) FROM tip WHERE told_by IS NULL AND told_at > $1", now - _HOUR
    )  # fmt: skip
    return count


async def founded_about(agency_id: UUID) -> list[datetime]:
    rows = await fetch(
        "SELECT answered_at FROM tip WHERE about = 'firm' AND accused_id = $1 AND outcome = 'founded'", agency_id
    )
    return [row["answered_at"] for row in rows]


async def founded_of(agency_id: UUID, *, since: datetime) -> list[TipView]:
    """What was told of an agency and upheld since then, oldest first."""
    rows = await fetch(
        f"{_TIP} WHERE t.about = 'firm' AND t.accused_id = $1 AND t.outcome = 'founded' AND t.answered_at > $2 ORDER BY t.answered_at",
        agency_id, since,
    )  # fmt: skip
    return [await _view(row) for row in rows]


async def counts(now: datetime) -> dict[str, int]:
    """What the public sees: all, those open, and how the others ended."""
    row = await fetch_one(
        f"SELECT count(*) AS told, count(*) FILTER (WHERE {_OPEN}) AS open,"
        " count(*) FILTER (WHERE outcome = 'founded') AS founded, count(*) FILTER (WHERE outcome = 'unfounded') AS unfounded,"
        " count(*) FILTER (WHERE outcome = 'elsewhere') AS elsewhere,"
        " count(*) FILTER (WHERE t.answered_at IS NULL AND t.withdrawn_at IS NULL AND coalesce(t.answer_due_at, t.take_up_due_at) < $1)"
        " AS late FROM tip t",
        now,
    )
    return dict(row or {})


async def handlers_of(tip: TipView) -> list[UUID]:
    """The authorities that may take it up."""
    rows = await fetch(
        "SELECT o.id, o.kind, array_remove(array_agg(s.region_prefix), NULL) AS regions,"
        " array_remove(array_agg(s.department), NULL) AS departments FROM organisation o"
        " LEFT JOIN regulator_scope s ON s.organisation_id = o.id"
        " WHERE o.kind IN ('operator', 'regulator') AND o.closed_at IS NULL GROUP BY o.id, o.kind ORDER BY o.id"
    )
    handlers = [Handler(row["id"], row["kind"], tuple(map(Scope, row["regions"], row["departments"]))) for row in rows]
    return [
        one.organisation_id for one in handlers
        if may_handle(one, about=tip.about, accused=tip.accused_id, region=tip.region, departments=tip.departments)
    ]  # fmt: skip


async def named(organisation_ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """(id, name), for choosing one."""
    rows = await fetch("SELECT id, name FROM organisation WHERE id = ANY ($1) ORDER BY name", list(organisation_ids))
    return [(str(row["id"]), row["name"]) for row in rows]
