"""Reading sign-ups, rounds and objections. Names of those who signed up stay private until their pool is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.queries import catalogue
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.register.queries import Entry, history_of
from market.web.viewer import Viewer
from projects.eligibility import Line
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.methods.method import Opens
from projects.selection.rules import Cause


@dataclass(frozen=True)
class Entrant:
    """One place in a frozen pool. `nonce` and `sealed_sha256` belong to its sealed bid, where it left one."""

    code: str
    name: str
    tickets: int
    nonce: str | None = None
    sealed_sha256: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """Somebody who signed up and is not in the pool. `reason` is the published text; `lines` say it rule by rule."""

    code: str
    name: str
    reason: str
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.passed)


@dataclass(frozen=True)
class RoundView:
    """One selection, at whatever point it stands. `pool` and `excluded` are None until it is frozen; pages get those
    of sealed bids only once these are open. Without a beacon round nothing is left to chance."""

    id: UUID
    project_id: UUID
    no: int
    purpose: str
    cause: str
    method: str
    committed_at: datetime
    deadline: datetime
    beacon_chain: str | None
    beacon_round: int | None
    superseded_at: datetime | None
    frozen_at: datetime | None
    pool_sha256: str | None
    pool: tuple[Entrant, ...] | None
    excluded: tuple[LeftOut, ...] | None
    salt: str | None
    opened_at: datetime | None
    drawn_at: datetime | None
    signature: str | None
    winner_id: UUID | None
    annulled_at: datetime | None
    annulment_reason: str

    @property
    def state(self) -> str:
        """superseded, annulled, drawn, opened, frozen or open."""
        marks = {
            "superseded": self.superseded_at,
            "annulled": self.annulled_at,
            "drawn": self.drawn_at,
            "opened": self.opened_at,
            "frozen": self.frozen_at,
        }
        return next((name for name, at in marks.items() if at is not None), "open")

    @property
    def names_public(self) -> bool:
        """Who handed in sealed bids is told when they open."""
        return METHODS[self.method].opens is Opens.AT_CLOSE or self.opened_at is not None or self.drawn_at is not None

    def shown(self) -> RoundView:
        """The round as everybody may see it."""
        return self if self.names_public else replace(self, pool=None, excluded=None, salt=None)


@dataclass(frozen=True)
class SignUpView:
    id: UUID
    project_id: UUID
    agency_id: UUID
    authorised_person_id: UUID | None
    practitioner_ids: tuple[UUID, ...]
    signed_by: UUID
    signed_up_at: datetime
    entry_id: UUID
    withdrawn_at: datetime | None
    withdrawn_after_close: bool
    withdrawal_entry_id: UUID | None


@dataclass(frozen=True)
class SignUpLine:
    """One of an agency's sign-ups with what became of it, for its own list."""

    number: str
    title: str
    owner_name: str
    stage: Stage
    amount_fen: int
    signed_up_at: datetime
    closes_at: datetime
    withdrawn_at: datetime | None
    withdrawn_after_close: bool
    won: bool
    round_no: int | None
    left_out: bool

    @property
    def outcome(self) -> str:
        """withdrawn, abandoned, open, left_out, won, drawing, failed or not_drawn."""
        if self.withdrawn_at is not None:
            return "abandoned" if self.withdrawn_after_close else "withdrawn"
        if self.stage is Stage.SIGN_UP:
            return "open"
        if self.stage in (Stage.FAILED, Stage.WITHDRAWN):
            return "failed"
        if self.left_out:
            return "left_out"
        if self.stage is Stage.DRAWING:
            return "drawing"
        return "won" if self.won else "not_drawn"


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


_ROUND = ", ".join(one.name for one in fields(RoundView))
_SIGN_UP = ", ".join(one.name for one in fields(SignUpView))


def round_view(row: dict[str, Any]) -> RoundView:
    pool, excluded = from_json(row["pool"]), from_json(row["excluded"])
    return RoundView(**{
        **row,
        "pool": None if pool is None else tuple(Entrant(**one) for one in pool),
        "excluded": None if excluded is None else tuple(
            LeftOut(one["code"], one["name"], one["reason"], tuple(map(Line.from_json, one["lines"]))) for one in excluded),
    })  # fmt: skip


async def rounds_of(project_id: UUID) -> list[RoundView]:
    """All rounds of a project as everybody may see them, oldest first."""
    rows = await fetch(f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 ORDER BY no", project_id)
    return [round_view(row).shown() for row in rows]


async def round_by_no(project_id: UUID, no: int) -> RoundView:
    row = await fetch_one(f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND no = $2", project_id, no)
    if row is None:
        raise NotFound
    return round_view(row).shown()


async def open_round(project_id: UUID) -> RoundView | None:
    """The round that is committed and neither drawn nor given up, with names that may not be public yet: for acts."""
    row = await fetch_one(
        f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND superseded_at IS NULL AND drawn_at IS NULL"
        " AND annulled_at IS NULL",
        project_id,
    )
    return round_view(row) if row else None


async def standing_round(project_id: UUID) -> RoundView | None:
    """The drawn round whose result holds."""
    row = await fetch_one(
        f"SELECT {_ROUND} FROM selection_round WHERE project_id = $1 AND drawn_at IS NOT NULL AND annulled_at IS NULL"
        " ORDER BY no DESC LIMIT 1",
        project_id,
    )
    return round_view(row) if row else None


async def dossier_of(project_id: UUID, no: int) -> bytes:
    """The dossier's bytes exactly as they were published."""
    data = await fetch_value("SELECT dossier FROM selection_round WHERE project_id = $1 AND no = $2", project_id, no)
    if data is None:
        raise NotFound
    return bytes(data)


async def sign_up_count(project_id: UUID) -> int:
    count: int = await fetch_value(
        "SELECT count(*) FROM sign_up WHERE project_id = $1 AND withdrawn_at IS NULL", project_id
    )
    return count


async def sign_up_of(project_id: UUID, agency_id: UUID | None) -> SignUpView | None:
    """The agency's own sign-up that holds, else the last one that it took back."""
    row = await fetch_one(
        f"SELECT {_SIGN_UP} FROM sign_up WHERE project_id = $1 AND agency_id = $2"
        " ORDER BY (withdrawn_at IS NULL) DESC, signed_up_at DESC LIMIT 1",
        project_id, agency_id,
    )  # fmt: skip
    return SignUpView(**{**row, "practitioner_ids": tuple(row["practitioner_ids"])}) if row else None


_LINES = """
SELECT p.number, p.title, o.name AS owner_name, p.stage, p.amount_fen, s.signed_up_at, p.sign_up_closes_at AS closes_at,
       s.withdrawn_at, s.withdrawn_after_close, coalesce(p.winner_id = s.agency_id, false) AS won, r.no AS round_no,
       coalesce(NOT e.eligible, false) AS left_out
FROM sign_up s
JOIN project p ON p.id = s.project_id
JOIN organisation o ON o.id = p.owner_id
LEFT JOIN LATERAL (SELECT id, no FROM selection_round r WHERE r.project_id = p.id AND r.frozen_at IS NOT NULL
                   ORDER BY no DESC LIMIT 1) r ON true
LEFT JOIN eligibility_snapshot e ON e.round_id = r.id AND e.agency_id = s.agency_id
WHERE s.agency_id = $1
"""


async def sign_ups_of(agency_id: UUID | None, *, page: int = 1, size: int = 20) -> tuple[list[SignUpLine], int]:
    """An agency's sign-ups, newest first, one page of them, and how many there are."""
    total: int = await fetch_value("SELECT count(*) FROM sign_up WHERE agency_id = $1", agency_id)
    rows = await fetch(
        f"{_LINES} ORDER BY s.signed_up_at DESC, s.id DESC LIMIT $2 OFFSET $3", agency_id, size, (page - 1) * size
    )
    return [SignUpLine(**{**row, "stage": Stage(row["stage"])}) for row in rows], total


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
    if viewer.organisation_id in parties or viewer.is_operator or await _watches(viewer, found):
        return found
    raise NotFound


async def _watches(viewer: Viewer, found: ObjectionView) -> bool:
    if not viewer.is_regulator:
        return False
    book = await catalogue(found.catalogue_version)
    departments = {"", *(code for item in found.service_items for code in book.item(item).regulators)}
    return any(
        found.region_code.startswith(scope.region_prefix) and scope.department in departments for scope in viewer.scopes
    )


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


async def open_objections(project_id: UUID) -> int:
    """How many objections to the standing result wait for an answer: while there is one, no contract is opened."""
    count: int = await fetch_value(
        "SELECT count(*) FROM objection b JOIN selection_round r ON r.id = b.round_id AND r.annulled_at IS NULL"
        " WHERE b.project_id = $1 AND b.answered_at IS NULL AND b.withdrawn_at IS NULL",
        project_id,
    )
    return count


async def took_part(project_id: UUID, organisation_id: UUID | None) -> bool:
    """Had this agency signed up when sign-up closed (in the pool or left out of it)?"""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM sign_up WHERE project_id = $1 AND agency_id = $2"
        " AND (withdrawn_at IS NULL OR withdrawn_after_close))",
        project_id, organisation_id,
    )  # fmt: skip
    return found


async def ids_of(codes: Sequence[str]) -> dict[str, UUID]:
    rows = await fetch("SELECT code, id FROM organisation WHERE code = ANY ($1)", list(codes))
    return {row["code"]: row["id"] for row in rows}


async def refused_before(project_id: UUID) -> dict[UUID, Cause]:
    """Whom earlier rounds of this project selected and who then refused, or let the time to sign pass: not to be
    selected again, also where sign-up was opened anew."""
    rows = await fetch(
        "SELECT winner_id, annulment_reason FROM selection_round WHERE project_id = $1 AND winner_id IS NOT NULL"
        " AND annulment_reason = ANY ($2)",
        project_id, [str(Cause.WINNER_REFUSED), str(Cause.SIGNING_LAPSED)],
    )  # fmt: skip
    return {row["winner_id"]: Cause(row["annulment_reason"]) for row in rows}
