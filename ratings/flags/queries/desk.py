"""What regulators read of flags. The scope stands in every query: a flag is there for the regulators whose
region lies around one of its projects and whose industry is among their departments, and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import Message, NotFound
from market.oversight.queries import of_departments, watched, watched_by, within_any
from market.register.queries import Entry, entry_of
from market.web.viewer import Viewer

PAGE = 20
LIST = "/regulator/desk/flags"
# $1: the authority.
_CONCERNS = (within_any("f.regions"), of_departments("f.departments"))
_WATCHED = watched_by("$1", *_CONCERNS)
# $1 … $5: the viewer's `Watch`; f: the flag.
WATCHED_FLAG = watched(*_CONCERNS)
_STATE = """CASE WHEN f.outcome IS NOT NULL THEN f.outcome WHEN f.taken_at IS NOT NULL THEN 'taken' ELSE 'open' END"""
_FLAG = f"""
SELECT f.*, {_STATE} AS state, a.name AS authority_name, d.written AS decision_no, e.written AS entry_no
FROM flag f LEFT JOIN organisation a ON a.id = f.authority_id LEFT JOIN register_entry d ON d.id = f.decision_id
LEFT JOIN register_entry e ON e.id = f.entry_id
"""
# $2: screen, $3: state; "" for all.
_CHOSEN = f"{_WATCHED} AND ($2 = '' OR f.screen = $2) AND ($3 = '' OR {_STATE} = $3)"
_QUESTION = """
SELECT q.id, q.flag_id, q.organisation_id, o.name AS organisation_name, q.question, q.asked_at, q.answer_due_at, q.answer,
       q.answered_at, f.closed_at IS NOT NULL AS flag_closed, a.name AS authority_name
FROM flag_question q JOIN flag f ON f.id = q.flag_id JOIN organisation o ON o.id = q.organisation_id
LEFT JOIN organisation a ON a.id = f.authority_id
"""


@dataclass(frozen=True)
class Party:
    id: UUID
    code: str
    name: str
    kind: str

    @property
    def link(self) -> str | None:
        return f"/agencies/{self.code}" if self.kind == "agency" else None


@dataclass(frozen=True)
class Question:
    id: UUID
    flag_id: UUID
    organisation_id: UUID
    organisation_name: str
    question: str
    asked_at: datetime
    answer_due_at: datetime
    answer: str
    answered_at: datetime | None
    flag_closed: bool
    authority_name: str | None

    @property
    def open(self) -> bool:
        return self.answered_at is None


@dataclass(frozen=True)
class FlagView:
    """`state`: one of STATES; `figures`: (label, found, limit, unit); `evidence`: the register entries, oldest first."""

    id: UUID
    number: str
    screen: str
    version: int
    rulebook_version: str
    regions: tuple[str, ...]
    score: int
    message: Message
    figures: tuple[tuple[str, str, str, str], ...]
    rows: tuple[tuple[str, str], ...]
    projects: tuple[str, ...]
    evidence_numbers: tuple[int, ...]
    opened_at: datetime
    found_at: datetime
    due_at: datetime
    state: str
    authority_id: UUID | None
    authority_name: str | None
    taken_at: datetime | None
    outcome: str | None
    reason: str
    decision_id: UUID | None
    decision_no: int | None
    closed_at: datetime | None
    entry_id: UUID | None
    entry_no: int | None
    parties: tuple[Party, ...] = ()
    questions: tuple[Question, ...] = ()
    evidence: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def url(self) -> str:
        return f"/regulator/flags/{self.id}"

    def in_hand_of(self, viewer: Viewer) -> bool:
        """Whether the viewer's authority has taken it up and nobody has judged it yet."""
        return self.closed_at is None and self.authority_id is not None and self.authority_id == viewer.organisation_id


@dataclass(frozen=True)
class Filters:
    screen: str = ""
    state: str = ""


def listed(**asked: str) -> str:
    """The address of the list, narrowed: screen, state, region."""
    return f"{LIST}?{urlencode(asked)}" if asked else LIST


_PLAIN = (
    "id", "number", "screen", "version", "rulebook_version", "score", "opened_at", "found_at", "due_at", "state",
    "authority_id", "authority_name", "taken_at", "outcome", "reason", "decision_id", "decision_no", "closed_at", "entry_id",
    "entry_no",
)  # fmt: skip


def _view(row: dict[str, Any], parties: list[Party], **more: Any) -> FlagView:
    return FlagView(
        **{name: row[name] for name in _PLAIN}, regions=tuple(row["regions"]),
        message=Message(row["text"], from_json(row["facts"])),
        figures=tuple(map(_figure, from_json(row["figures"]))), rows=tuple(map(tuple, from_json(row["rows"]))),
        projects=tuple(row["projects"]), evidence_numbers=tuple(row["evidence"]), parties=tuple(parties), **more,
    )  # fmt: skip


def _figure(stored: list[str]) -> tuple[str, str, str, str]:
    label, found, limit, unit = (*stored, "")[:4]  # flags that were closed long ago name no unit
    return label, found, limit, unit


async def flags(viewer: Viewer, filters: Filters, *, size: int = PAGE) -> list[FlagView]:
    """In this regulator's scope: open ones first, the strongest of each state first."""
    rows = await fetch(
        f"{_FLAG} WHERE {_CHOSEN} ORDER BY f.closed_at IS NOT NULL, f.score DESC, f.opened_at DESC, f.id LIMIT {size}",
        viewer.organisation_id, filters.screen, filters.state,
    )  # fmt: skip
    parties = await _parties([row["id"] for row in rows])
    return [_view(row, parties.get(row["id"], [])) for row in rows]


async def access_flag(viewer: Viewer, flag_id: UUID) -> FlagView:
    """For regulators in whose scope it lies; else NotFound."""
    row = await fetch_one(f"{_FLAG} WHERE {_WATCHED} AND f.id = $2", viewer.organisation_id, flag_id)
    if row is None:
        raise NotFound
    entries = await fetch("SELECT * FROM register_entry WHERE written = ANY ($1) ORDER BY written", row["evidence"])
    asked = await fetch(f"{_QUESTION} WHERE q.flag_id = $1 ORDER BY q.asked_at, q.id", flag_id)
    parties = await _parties([flag_id])
    return _view(
        row, parties.get(flag_id, []), questions=tuple(Question(**one) for one in asked),
        evidence=tuple(map(entry_of, entries)),
    )  # fmt: skip


async def _parties(ids: list[UUID]) -> dict[UUID, list[Party]]:
    found: dict[UUID, list[Party]] = {}
    for row in await fetch(
        "SELECT p.flag_id, o.id, o.code, o.name, o.kind FROM flag_party p JOIN organisation o ON o.id = p.organisation_id"
        " WHERE p.flag_id = ANY ($1) ORDER BY p.id", ids,
    ):  # fmt: skip
        found.setdefault(row.pop("flag_id"), []).append(Party(**row))
    return found


async def question_by_id(question_id: UUID) -> Question:
    row = await fetch_one(f"{_QUESTION} WHERE q.id = $1", question_id)
    if row is None:
        raise NotFound
    return Question(**row)


async def access_question(viewer: Viewer, question_id: UUID) -> Question:
    """For the party that was asked; else NotFound."""
    found = await question_by_id(question_id)
    if viewer.organisation_id != found.organisation_id:
        raise NotFound
    return found


async def questions_to(organisation_id: UUID) -> list[Question]:
    """Questions that wait for this organisation's answer."""
    rows = await fetch(
        f"{_QUESTION} WHERE q.organisation_id = $1 AND q.answered_at IS NULL AND f.closed_at IS NULL ORDER BY q.answer_due_at",
        organisation_id,
    )
    return [Question(**row) for row in rows]


async def taken_waiting(viewer: Viewer, *, limit: int) -> list[FlagView]:
    """Flags that this authority has taken up and not closed, due first."""
    rows = await fetch(
        f"{_FLAG} WHERE {_WATCHED} AND f.authority_id = $1 AND f.closed_at IS NULL ORDER BY f.due_at, f.id LIMIT {limit}",
        viewer.organisation_id,
    )
    return [_view(row, []) for row in rows]


async def untaken(viewer: Viewer) -> tuple[int, datetime, datetime] | None:
    """How many flags nobody has taken up, since when the oldest waits, and when it is due."""
    row = await fetch_one(
        f"SELECT count(*) AS n, min(f.opened_at) AS since, min(f.due_at) AS due_at FROM flag f WHERE {_WATCHED}"
        " AND f.taken_at IS NULL",
        viewer.organisation_id,
    )
    assert row is not None
    return (row["n"], row["since"], row["due_at"]) if row["n"] else None


async def entry_numbered(number: int) -> Entry | None:
    row = await fetch_one("SELECT * FROM register_entry WHERE written = $1", number)
    return entry_of(row) if row else None


async def related(viewer: Viewer, flag: FlagView, *, limit: int = 12) -> list[FlagView]:
    """Other flags about one of its parties, with how they ended: those of the same screen first, newest first; in this
    scope."""
    rows = await fetch(
        f"{_FLAG} WHERE {_WATCHED} AND f.id <> $3 AND EXISTS (SELECT FROM flag_party x JOIN flag_party y"
        " ON y.organisation_id = x.organisation_id AND y.flag_id = $3 WHERE x.flag_id = f.id)"
        f" ORDER BY f.screen = $2 DESC, f.opened_at DESC, f.id LIMIT {limit}", viewer.organisation_id, flag.screen, flag.id,
    )  # fmt: skip
    parties = await _parties([row["id"] for row in rows])
    return [_view(row, parties.get(row["id"], [])) for row in rows]
