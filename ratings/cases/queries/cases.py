"""Reading cases. A case is known to those who supervise the firm, and to the firm from the notice on; nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from market.accounts.queries import organisation
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.oversight.queries import watch_of
from market.register.queries import Entry, entry_of
from market.web.viewer import Viewer
from ratings.cases import rules
from ratings.cases.queries.parties import WATCHED_PARTY, watches_party
from ratings.cases.rules import (
    GROUNDS,
    Facts,
    Ground,
    Measure,
    Party,
    Repairable,
    Sanction,
    State,
    Terms,
    Violation,
    measures_rule,
)
from ratings.pages import Page, cut
from ratings.periods import term_end


@dataclass(frozen=True)
class StatementView:
    text: str
    person: str
    stated_at: datetime
    entry_id: UUID


@dataclass(frozen=True)
class MeasureView:
    id: UUID
    sanction: Sanction
    from_at: datetime
    until_at: datetime | None
    list_entry_id: UUID | None
    ended_at: datetime | None
    ended_why: str | None

    def in_force(self, now: datetime) -> bool:
        return self.ended_at is None and (self.until_at is None or now < self.until_at)


@dataclass(frozen=True)
class RepairView:
    id: UUID
    correction: str
    pledge: str
    asked_at: datetime
    due_at: datetime
    outcome: str | None
    reasons: str
    decided_at: datetime | None
    entry_id: UUID | None


@dataclass(frozen=True)
class TalkView:
    talk_at: datetime
    place: str
    set_at: datetime
    held_at: datetime | None
    present: str
    minutes: str
    entry_id: UUID | None


@dataclass(frozen=True)
class ProofView:
    entry: Entry
    added_at: datetime


@dataclass(frozen=True)
class CaseView:
    """`firm_*`: the party, be it an agency, an owner or an expert. `now`: the moment as of which its state is told. Files,
    proofs, statements, measures, repairs and the talk are there once `fully` has read them."""

    id: UUID
    number: str
    organisation_id: UUID
    firm_code: str
    firm_name: str
    firm_region: str
    firm_kind: str
    authority_id: UUID
    authority_name: str
    authority_code: str
    violation: Violation
    origin: str
    event_id: UUID | None
    flag_id: UUID | None
    flag_number: str | None
    complaint_id: UUID | None
    tip_id: UUID | None
    tip_number: str | None
    project_number: str | None
    rulebook_version: str
    facts: str
    legal_cause: str
    occurred_on: date
    recorded_by: UUID
    recorder: str
    recorded_at: datetime
    entry_id: UUID
    notice_due_at: datetime
    proposed_measure: str | None
    proposed_months: int | None
    notified_at: datetime | None
    defence_due_at: datetime | None
    decision_due_at: datetime | None
    hearing_asked_at: datetime | None
    hearing_at: datetime | None
    hearing_place: str
    heard_at: datetime | None
    hearing_minutes: str
    outcome: str | None
    reasons: str
    safety: bool
    decided_by: UUID | None
    judge: str | None
    judge_name: str | None
    decided_at: datetime | None
    decision_entry_id: UUID | None
    published_at: datetime | None
    publish_until: datetime | None
    unpublished_at: datetime | None
    appeal_due_at: datetime | None
    appeal: str
    appealed_at: datetime | None
    appeal_decision_due_at: datetime | None
    appeal_outcome: str | None
    appeal_reasons: str
    appeal_decided_at: datetime | None
    appeal_entry_id: UUID | None
    appeal_authority: str | None
    talk_due_at: datetime | None
    repaired: bool
    now: datetime
    files: tuple[tuple[str, StoredFile], ...] = ()
    proofs: tuple[ProofView, ...] = ()
    statements: tuple[StatementView, ...] = ()
    measures: tuple[MeasureView, ...] = ()
    repairs: tuple[RepairView, ...] = ()
    talk: TalkView | None = None

    @property
    def url(self) -> str:
        return f"/cases/{self.number}"

    @property
    def history(self) -> Facts:
        return Facts(**{one.name: getattr(self, one.name) for one in fields(Facts)})

    @property
    def state(self) -> State:
        return rules.state_of(self.history, self.now)

    @property
    def due(self) -> tuple[datetime, datetime] | None:
        return rules.due_of(self.history, self.now)

    @property
    def party(self) -> Party:
        return rules.party_of(self.firm_kind)

    @property
    def firm_url(self) -> str | None:
        """The page about the party that everybody may read."""
        folder = {Party.AGENCY: "agencies", Party.OWNER: "owners"}.get(self.party)
        return f"/{folder}/{self.firm_code}" if folder else None

    @property
    def talk_ordered(self) -> bool:
        """Whether a talk was decided that is still to be held."""
        standing = self.measure is not None and self.measure.ended_at is None
        return standing and self.measure_kind is Measure.TALK and (self.talk is None or self.talk.held_at is None)

    @property
    def measure_kind(self) -> Measure | None:
        return self.measure.sanction.measure if self.measure else None

    @property
    def ground(self) -> Ground:
        return GROUNDS[self.violation]

    @property
    def proposed(self) -> Sanction | None:
        return Sanction(Measure(self.proposed_measure), self.proposed_months) if self.proposed_measure else None

    @property
    def decided(self) -> MeasureView | None:
        """The measure as it was first decided."""
        return self.measures[0] if self.measures else None

    @property
    def measure(self) -> MeasureView | None:
        """The measure that stands, or stood last."""
        return self.measures[-1] if self.measures else None

    @property
    def repair(self) -> RepairView | None:
        """The newest request for repair."""
        return self.repairs[-1] if self.repairs else None

    @property
    def is_published(self) -> bool:
        if self.published_at is None or self.publish_until is None or self.unpublished_at is not None:
            return False
        return self.published_at <= self.now < self.publish_until

    def files_of(self, *steps: str) -> list[StoredFile]:
        return [file for step, file in self.files if step in steps]


_ELSEWHERE: Final = {
    "firm_code": "o.code", "firm_name": "o.name", "firm_region": "o.region_code", "firm_kind": "o.kind", "tip_number": "t.number", "authority_name": "a.name",
    "authority_code": "a.code", "flag_number": "f.number", "recorder": "r.name", "judge": "d.name",
    # A person may sign for several authorities; the entry says for which one it was.
    "judge_name": "(SELECT j.name FROM register_entry e JOIN organisation j ON j.code = e.\"by\" WHERE e.id = c.decision_entry_id)",
    "appeal_authority": "(SELECT j.name FROM register_entry e JOIN organisation j ON j.code = e.\"by\" WHERE e.id = c.appeal_entry_id)",
    "repaired": "EXISTS (SELECT FROM case_repair x WHERE x.case_id = c.id AND x.outcome = 'granted')",
    "now": "$1::timestamptz",
}  # fmt: skip
_READ_LATER: Final = frozenset({"files", "proofs", "statements", "measures", "repairs", "talk"})
_COLUMNS = ", ".join(
    f"{_ELSEWHERE.get(one.name, 'c.' + one.name)} AS {one.name}"
    for one in fields(CaseView)
    if one.name not in _READ_LATER
)
CASE_SQL: Final = f"""
SELECT {_COLUMNS} FROM conduct_case c JOIN organisation o ON o.id = c.organisation_id
JOIN organisation a ON a.id = c.authority_id JOIN person r ON r.id = c.recorded_by LEFT JOIN person d ON d.id = c.decided_by
LEFT JOIN flag f ON f.id = c.flag_id LEFT JOIN tip t ON t.id = c.tip_id
"""


def view(row: dict[str, Any]) -> CaseView:
    return CaseView(**{**row, "violation": Violation(row["violation"])})


async def case_by_number(number: str, now: datetime) -> CaseView:
    row = await fetch_one(f"{CASE_SQL} WHERE c.number = $2", now, number)
    if row is None:
        raise NotFound
    return await fully(row)


async def case_by_id(case_id: UUID, now: datetime) -> CaseView:
    row = await fetch_one(f"{CASE_SQL} WHERE c.id = $2", now, case_id)
    if row is None:
        raise NotFound
    return await fully(row)


async def access_case(viewer: Viewer, number: str, now: datetime) -> CaseView:
    """For the firm once it was told, and for whoever supervises it; else NotFound."""
    found = await case_by_number(number, now)
    if viewer.organisation_id == found.organisation_id and (found.notified_at or found.decided_at):
        return found
    if await watched(viewer, found):
        return found
    raise NotFound


async def watched(viewer: Viewer, found: CaseView) -> bool:
    if viewer.is_regulator and viewer.organisation_id == found.authority_id:
        return True
    return await watches_party(viewer, await organisation(found.organisation_id))


async def access_own(viewer: Viewer, number: str, now: datetime) -> CaseView:
    """For the firm alone."""
    found = await access_case(viewer, number, now)
    if viewer.organisation_id != found.organisation_id:
        raise NotFound
    return found


async def access_file(viewer: Viewer, number: str, file_id: UUID, now: datetime) -> StoredFile:
    """The firm sees everything that is used against it, and those who judge all that it answers."""
    found = await access_case(viewer, number, now)
    for _, file in found.files:
        if file.id == file_id:
            return file
    raise NotFound


async def is_involved(person_id: UUID | None, found: CaseView) -> bool:
    """Whether this person belongs to the firm."""
    involved: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM membership WHERE person_id = $1 AND organisation_id = $2 AND until IS NULL)",
        person_id, found.organisation_id,
    )  # fmt: skip
    return involved


async def cases_of(organisation_id: UUID | None, now: datetime) -> list[CaseView]:
    """What a firm may know of its own cases, newest first."""
    rows = await fetch(
        f"{CASE_SQL} WHERE c.organisation_id = $2 AND coalesce(c.notified_at, c.decided_at) IS NOT NULL"
        " ORDER BY c.recorded_at DESC, c.id",
        now, organisation_id,
    )  # fmt: skip
    return await all_fully(rows)


_OPEN = (
    "c.decided_at IS NULL OR (c.appealed_at IS NOT NULL AND c.appeal_decided_at IS NULL)"
    " OR EXISTS (SELECT FROM case_repair x WHERE x.case_id = c.id AND x.decided_at IS NULL)"
    " OR EXISTS (SELECT FROM case_measure m LEFT JOIN case_talk k ON k.case_id = m.case_id"
    " WHERE m.case_id = c.id AND m.kind = 'talk' AND m.ended_at IS NULL AND k.held_at IS NULL)"
)


SHOWN: Final = 200
ENDED_SHOWN: Final = 50


# $1 … $5: the viewer's `Watch`; $6: whether it watches over everybody; $7: the authority whose own cases it sees, if any.
_WATCHED: Final = f"""
FROM conduct_case c JOIN organisation o ON o.id = c.organisation_id LEFT JOIN agency a ON a.organisation_id = o.id
WHERE ($6 OR c.authority_id = $7 OR {WATCHED_PARTY})
"""


async def waiting_for(viewer: Viewer, now: datetime) -> list[CaseView]:
    """Cases about firms that the viewer supervises, as far as they wait for an act of the authorities, oldest first."""
    found = await fetch(
        f"SELECT c.id {_WATCHED} AND ({_OPEN}) ORDER BY c.recorded_at, c.id LIMIT {SHOWN}", *await _watching(viewer)
    )
    return await _in_order(found, now)


async def ended_for(viewer: Viewer, now: datetime, page: int = 1) -> Page[CaseView]:
    """The others, newest first."""
    watch, ended = await _watching(viewer), f"{_WATCHED} AND NOT ({_OPEN})"
    here = cut(page, count=await fetch_value(f"SELECT count(*) {ended}", *watch), size=ENDED_SHOWN)
    found = await fetch(
        f"SELECT c.id {ended} ORDER BY c.decided_at DESC, c.id LIMIT $8 OFFSET $9", *watch, here.size, here.offset
    )
    return Page(tuple(await _in_order(found, now)), here.no, here.pages)


async def _watching(viewer: Viewer) -> tuple[Any, ...]:
    return *(await watch_of(viewer)).values, viewer.is_operator, viewer.organisation_id if viewer.is_regulator else None


async def _in_order(found: Sequence[dict[str, Any]], now: datetime) -> list[CaseView]:
    ids = [row["id"] for row in found]
    return await all_fully(await fetch(f"{CASE_SQL} WHERE c.id = ANY ($2) ORDER BY array_position($2, c.id)", now, ids))


async def fully(row: dict[str, Any]) -> CaseView:
    """A row of CASE_SQL with all that belongs to it."""
    return (await all_fully([row]))[0]


async def all_fully(rows: Sequence[dict[str, Any]]) -> list[CaseView]:
    """The same for several, each kind of what belongs to them read once."""
    ids = [row["id"] for row in rows]
    files, measures, proofs, statements, talks, repairs = [
        await _by_case(sql, ids) for sql in (_FILES, _MEASURES, _PROOFS, _STATEMENTS, _TALKS, _REPAIRS)
    ]
    return [
        replace(
            one, files=tuple((row.pop("step"), StoredFile(**row)) for row in files[one.id]),
            measures=tuple(MeasureView(sanction=Sanction(Measure(row.pop("kind")), row.pop("months")), **row) for row in measures[one.id]),
            proofs=tuple(ProofView(added_at=row.pop("added_at"), entry=entry_of(row)) for row in proofs[one.id]),
            statements=tuple(StatementView(**row) for row in statements[one.id]),
            talk=next((TalkView(**row) for row in talks[one.id]), None),
            repairs=tuple(RepairView(**row) for row in repairs[one.id]),
        )
        for one in map(view, rows)
    ]  # fmt: skip


_FILES: Final = """
SELECT f.case_id, f.step, s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at
FROM conduct_case_file f JOIN stored_file s ON s.id = f.file_id WHERE f.case_id = ANY ($1) ORDER BY f.id
"""
_MEASURES: Final = """
SELECT case_id, id, kind, months, from_at, until_at, list_entry_id, ended_at, ended_why FROM case_measure
WHERE case_id = ANY ($1) ORDER BY id
"""
_PROOFS: Final = """
SELECT p.case_id, e.*, p.added_at FROM conduct_case_proof p JOIN register_entry e ON e.id = p.entry_id
WHERE p.case_id = ANY ($1) ORDER BY e.written
"""
_STATEMENTS: Final = """
SELECT s.case_id, s.text, p.name AS person, s.stated_at, s.entry_id FROM conduct_case_statement s
JOIN person p ON p.id = s.stated_by WHERE s.case_id = ANY ($1) ORDER BY s.stated_at, s.id
"""
_TALKS: Final = """
SELECT case_id, talk_at, place, set_at, held_at, present, minutes, entry_id FROM case_talk WHERE case_id = ANY ($1)
"""
_REPAIRS: Final = """
SELECT case_id, id, correction, pledge, asked_at, due_at, outcome, reasons, decided_at, entry_id FROM case_repair
WHERE case_id = ANY ($1) ORDER BY asked_at, id
"""


async def _by_case(sql: str, ids: Sequence[UUID]) -> defaultdict[UUID, list[dict[str, Any]]]:
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await fetch(sql, ids) if ids else ():
        found[row.pop("case_id")].append(row)
    return found


def terms_of(found: Violation, book: Rulebook) -> Terms:
    """Published terms of the law are bounds; whole years between them are the platform's to choose."""
    years: Iterable[int] = book.integers(GROUNDS[found].terms)
    bounds = sorted(years)
    return Terms(
        tuple(Measure(one) for one in book.texts(measures_rule(found))), book.integers(GROUNDS[found].pause), tuple(book.integers("case.removal_months")),
        tuple(range(bounds[0], bounds[-1] + 1)),
    )  # fmt: skip


def repairable(found: CaseView, book: Rulebook) -> Repairable:
    key = "repair.publicity_months_safety" if found.safety else "repair.publicity_months"
    least = term_end(found.published_at, book.months(key)) if found.published_at else None
    until = found.measure.until_at if found.measure else None
    return Repairable(found.state, found.is_published, least, found.ground.grave, until)
