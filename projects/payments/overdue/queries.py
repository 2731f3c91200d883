"""When payments are due, which are late and since when, for those who may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.calendar import last_day
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.money import Money
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from projects.contracts.queries import contract_by_id
from projects.oversight import WATCHED_PROJECT, watches
from projects.payments.overdue.rules import Debt, Paid, Statement, Stop, interest_statement

NATURAL_PERSON = "natural_person"
MOST_LATE = 1000


@dataclass(frozen=True)
class TermView:
    """One payable with its term, its parties, and how late it is. `paid_on`: the day on which the owner paid, by Alipay or
    by a transfer that the agency confirmed; `stated_on`: of a transfer that waits to be confirmed."""

    payable_id: UUID
    reference: str
    project: str
    title: str
    amount_fen: int
    due_at: datetime | None
    release_at: datetime | None
    cancelled_at: datetime | None
    contract_id: UUID
    contract: str
    milestone: int | None
    days: int
    interest_per_day: int
    basis: str
    rule: str
    runs_from: datetime | None
    watch_at: datetime | None
    rulebook_version: str
    owner_id: UUID
    owner_code: str
    owner_name: str
    owner_kind: str
    agency_id: UUID
    agency_code: str
    agency_name: str
    paid_on: date | None
    refunded_fen: int
    stated_on: date | None
    found_at: datetime | None
    ended_at: datetime | None
    ended: str | None
    ended_on: date | None
    late_days: int | None
    interest_fen: int | None

    @property
    def url(self) -> str:
        return f"/payments/{self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)

    @property
    def waits(self) -> bool:
        """Whether the owner still owes something."""
        return self.paid_on is None and self.cancelled_at is None

    @property
    def debt(self) -> Debt:
        """What was refunded is owed no more. Only where a day is set."""
        assert self.due_at is not None
        return Debt(self.amount_fen - self.refunded_fen, last_day(self.due_at), self.interest_per_day)

    def statement(self, stops: Sequence[Stop], until: date) -> Statement:
        """As of a day; what ended stays as it was when it ended. Nothing is late before the delivery is accepted: if it is
        returned, the day is another."""
        if self.ended_on is not None:
            until = min(until, self.ended_on)
        if self.release_at is None and self.waits:
            until = min(until, self.debt.due_on)
        paid = [] if self.paid_on is None else [Paid(self.paid_on, self.debt.amount_fen)]
        return interest_statement(self.debt, paid, stops, until)


_ELSEWHERE = {
    "payable_id": "p.id", "reference": "p.reference", "project": "p.subject", "title": "p.title", "amount_fen": "p.amount_fen",
    "due_at": "p.due_at", "release_at": "p.release_at", "cancelled_at": "p.cancelled_at", "contract": "c.number", "rulebook_version": "j.rulebook_version",
    "owner_id": "o.id", "owner_code": "o.code", "owner_name": "o.name", "owner_kind": "o.kind", "agency_id": "a.id",
    "agency_code": "a.code", "agency_name": "a.name",
    "paid_on": "coalesce((t.paid_at AT TIME ZONE 'Asia/Shanghai')::date, CASE WHEN b.answer = 'confirmed' THEN b.paid_on END)",
    "refunded_fen": "coalesce(t.refunded_fen, 0)", "stated_on": "CASE WHEN b.answer IS NULL THEN b.paid_on END",
    **{name: f"v.{name}" for name in ("found_at", "ended_at", "ended", "ended_on", "late_days", "interest_fen")},
}  # fmt: skip
_COLUMNS = ", ".join(f"{_ELSEWHERE.get(one.name, 'k.' + one.name)} AS {one.name}" for one in fields(TermView))
_TERMS = (
    f"SELECT {_COLUMNS} FROM payment_term k JOIN payable p ON p.id = k.payable_id JOIN contract c ON c.id = k.contract_id"
    " JOIN project j ON j.id = c.project_id JOIN organisation o ON o.id = p.payer_id JOIN organisation a ON a.id = p.payee_id"
    " LEFT JOIN LATERAL (SELECT t.paid_at, t.refunded_fen FROM payment t WHERE t.payable_id = p.id"
    " AND t.state IN ('held', 'settling', 'settled') LIMIT 1) t ON true"
    " LEFT JOIN LATERAL (SELECT b.paid_on, b.answer FROM bank_transfer b WHERE b.payable_id = p.id"
    " AND b.answer IS DISTINCT FROM 'denied' LIMIT 1) b ON true"
    " LEFT JOIN overdue_payment v ON v.payable_id = p.id"
)


async def term_by(reference: str) -> TermView | None:
    """None for what no contract of the market owes."""
    row = await fetch_one(f"{_TERMS} WHERE p.reference = $1", reference)
    return TermView(**row) if row else None


async def term_of(payable_id: UUID) -> TermView:
    row = await fetch_one(f"{_TERMS} WHERE p.id = $1", payable_id)
    assert row is not None
    return TermView(**row)


async def terms_about(project: str) -> dict[str, TermView]:
    """Of all that is owed in one project, by reference."""
    return {row["reference"]: TermView(**row) for row in await fetch(f"{_TERMS} WHERE p.subject = $1", project)}


async def stops_by(payable_ids: Sequence[UUID]) -> dict[UUID, list[Stop]]:
    """What owners disputed, and on which days: that part is withheld and no more. A dispute that the agency opened holds
    nothing of its own claim back."""
    rows = await fetch(
        "SELECT d.payable_id, (d.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS since, d.claim_fen AS fen,"
        " (coalesce(d.decided_at, d.withdrawn_at, d.overtaken_at) AT TIME ZONE 'Asia/Shanghai')::date AS until"
        " FROM dispute d WHERE d.payable_id = ANY($1) AND d.side = 'owner' AND d.claim_fen > 0 ORDER BY d.opened_at",
        list(payable_ids),
    )
    found: dict[UUID, list[Stop]] = {}
    for row in rows:
        found.setdefault(row.pop("payable_id"), []).append(Stop(**row))
    return found


async def statement_of(term: TermView, until: date) -> Statement:
    stops = await stops_by([term.payable_id])
    return term.statement(stops.get(term.payable_id, []), until)


async def access_term(viewer: Viewer, reference: str) -> TermView:
    """For both sides, the operator, and the regulators whose field it is; NotFound for everybody else."""
    term = await term_by(reference)
    if term is None:
        raise NotFound
    if viewer.is_operator or viewer.organisation_id in {term.owner_id, term.agency_id}:
        return term
    if await watches(viewer, await contract_by_id(term.contract_id)):
        return term
    raise NotFound


async def access_late(viewer: Viewer, reference: str) -> TermView:
    """The same, where a day to pay is set."""
    term = await access_term(viewer, reference)
    if term.due_at is None:
        raise NotFound
    return term


async def late_of(organisation_id: UUID) -> list[TermView]:
    """Open, the longest late first: what this organisation owes or is owed."""
    rows = await fetch(
        f"{_TERMS} WHERE v.ended_at IS NULL AND v.found_at IS NOT NULL AND $1 IN (p.payer_id, p.payee_id) ORDER BY p.due_at",
        organisation_id,
    )
    return [TermView(**row) for row in rows]


async def all_late(now: datetime, *, least_days: int = 1, limit: int = MOST_LATE) -> list[TermView]:
    """Everything that is open and at least so many days late, the longest late first."""
    rows = await fetch(
        f"{_TERMS} WHERE v.ended_at IS NULL AND v.due_at + make_interval(days => $2) <= $1"
        " ORDER BY v.due_at, p.reference LIMIT $3",
        now, least_days - 1, limit,
    )  # fmt: skip
    return [TermView(**row) for row in rows]


async def late_for(viewer: Viewer, now: datetime) -> list[TermView]:
    """The same in a regulator's scope."""
    rows = await fetch(
        f"{_TERMS} WHERE v.ended_at IS NULL AND v.due_at <= $6"
        f" AND EXISTS (SELECT FROM project p WHERE p.id = c.project_id AND {WATCHED_PROJECT})"
        f" ORDER BY v.due_at, p.reference LIMIT {MOST_LATE}",
        *(await watch_of(viewer)).values, now,
    )  # fmt: skip
    return [TermView(**row) for row in rows]


@dataclass(frozen=True)
class Step:
    """So many days late, as the register recorded it."""

    days: int
    recorded_at: datetime
    unpaid_fen: int
    interest_fen: int
    entry_id: UUID
    entry_no: int

    @property
    def unpaid(self) -> Money:
        return Money(self.unpaid_fen)

    @property
    def interest(self) -> Money:
        return Money(self.interest_fen)


async def steps_of(payable_id: UUID) -> list[Step]:
    rows = await fetch(
        "SELECT s.days, s.recorded_at, s.unpaid_fen, s.interest_fen, e.id AS entry_id, e.written AS entry_no FROM overdue_step s"
        " JOIN payable p ON p.id = s.payable_id JOIN register_entry e ON e.subject = p.subject AND e.kind = 'payment.overdue'"
        " AND e.data ->> 'payable' = p.reference AND (e.data ->> 'days')::integer = s.days"
        " WHERE s.payable_id = $1 ORDER BY s.days", payable_id,
    )  # fmt: skip
    return [Step(**row) for row in rows]


@dataclass(frozen=True)
class EntryLink:
    entry_id: UUID
    entry_no: int


async def entries_by(references: Sequence[str]) -> dict[str, EntryLink]:
    """The latest register entry about the lateness of each."""
    rows = await fetch(
        "SELECT DISTINCT ON (p.reference) p.reference, e.id AS entry_id, e.written AS entry_no FROM payable p"
        " JOIN register_entry e ON e.subject = p.subject AND e.kind = 'payment.overdue' AND e.data ->> 'payable' = p.reference"
        " WHERE p.reference = ANY($1) ORDER BY p.reference, e.written DESC",
        list(references),
    )
    return {row.pop("reference"): EntryLink(**row) for row in rows}


async def unpaid_at_end_of(year: int) -> list[TermView]:
    """Late and unpaid when this year ended, by owner: for the yearly list."""
    end = date(year + 1, 1, 1)
    rows = await fetch(
        f"{_TERMS} WHERE v.due_at < ($1::date)::timestamp AT TIME ZONE 'Asia/Shanghai' AND (v.ended_on IS NULL OR v.ended_on >= $1)"
        " AND (p.cancelled_at IS NULL OR p.cancelled_at >= ($1::date)::timestamp AT TIME ZONE 'Asia/Shanghai')"
        " ORDER BY o.name, p.reference",
        end,
    )  # fmt: skip
    return [TermView(**row) for row in rows]


@dataclass(frozen=True)
class YearList:
    """As it was published. `rows`: facts as they stood when the year ended."""

    year: int
    published_at: datetime
    rows: tuple[dict[str, Any], ...]
    sha256: str
    entry_id: UUID
    entry_no: int

    @property
    def unpaid(self) -> Money:
        return Money(sum(row["unpaid_fen"] for row in self.rows))


_LISTS = (
    "SELECT l.year, l.published_at, l.rows, l.sha256, e.id AS entry_id, e.written AS entry_no FROM overdue_list l"
    " JOIN register_entry e ON e.kind = 'payment.overdue_listed' AND e.subject = l.year::text"
)


def _list(row: dict[str, Any]) -> YearList:
    return YearList(**{**row, "rows": tuple(from_json(row["rows"]))})


async def year_lists() -> list[YearList]:
    """The latest first."""
    return [_list(row) for row in await fetch(f"{_LISTS} ORDER BY l.year DESC")]


async def year_list(year: int) -> YearList:
    """Raises NotFound where none was published."""
    row = await fetch_one(f"{_LISTS} WHERE l.year = $1", year)
    if row is None:
        raise NotFound
    return _list(row)


async def settled_since(references: Sequence[str]) -> frozenset[str]:
    """Which of these are late no more."""
    rows = await fetch(
        "SELECT p.reference FROM overdue_payment v JOIN payable p ON p.id = v.payable_id"
        " WHERE v.ended_at IS NOT NULL AND p.reference = ANY($1)",
        list(references),
    )
    return frozenset(row["reference"] for row in rows)
