"""Where the money is, for those who may know: both sides of a payment, and the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.kernel.money import Money
from market.payments.rules import Standing, State, Whereabouts, standing_of
from market.web.viewer import Viewer

# The trade that counts: a live one, else the last; money paid in error is shown apart.
_LATEST = (
    "LEFT JOIN LATERAL (SELECT t.* FROM payment t WHERE t.payable_id = p.id AND t.state <> 'review'"
    " ORDER BY t.state IN ('awaiting', 'closing', 'held', 'settling', 'settled') DESC, t.created_at DESC LIMIT 1) t ON true"
    " LEFT JOIN LATERAL (SELECT b.answer, b.stated_at FROM bank_transfer b WHERE b.payable_id = p.id"
    " AND (b.answer IS NULL OR b.answer = 'confirmed') LIMIT 1) b ON true"
)
_COLUMNS = (
    "p.id, p.reference, p.subject, p.title, p.payer_id, o.name AS payer_name, p.payee_id, a.name AS payee_name, p.amount_fen,"
    " p.created_at, p.due_at, p.release_at, p.blocked_at, p.block_reason, p.disputed_at, p.cancelled_at,"
    " EXISTS (SELECT 1 FROM bond_demand d WHERE d.retained_reference = p.reference AND d.ended_at IS NULL) AS retained,"
    " (SELECT s.state FROM sub_merchant s WHERE s.organisation_id = p.payee_id) AS account, t.id AS payment_id, t.state, t.trade_no,"
    " t.out_trade_no, t.paid_at, t.ended_at, t.expires_at, coalesce(t.refunded_fen, 0) AS refunded_fen,"
    " coalesce(t.settled_fen, 0) AS settled_fen, coalesce(t.reserved_fen, 0) AS reserved_fen, coalesce(t.paid_fen, 0) AS paid_fen,"
    " b.stated_at IS NOT NULL AND b.answer IS NULL AS transfer_stated, coalesce(b.answer = 'confirmed', false) AS transfer_confirmed"
)
_PAYABLES = f"SELECT {_COLUMNS} FROM payable p JOIN organisation o ON o.id = p.payer_id JOIN organisation a ON a.id = p.payee_id {_LATEST}"


@dataclass(frozen=True)
class PayableView:
    id: UUID
    reference: str
    subject: str
    title: str
    payer_id: UUID
    payer_name: str
    payee_id: UUID
    payee_name: str
    amount_fen: int
    created_at: datetime
    due_at: datetime | None
    release_at: datetime | None
    blocked_at: datetime | None
    block_reason: str
    disputed_at: datetime | None
    cancelled_at: datetime | None
    retained: bool
    account: str | None
    payment_id: UUID | None
    state: State | None
    trade_no: str | None
    out_trade_no: str | None
    paid_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None
    refunded_fen: int
    settled_fen: int
    reserved_fen: int
    paid_fen: int
    transfer_stated: bool
    transfer_confirmed: bool

    @property
    def url(self) -> str:
        return f"/payments/{self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)

    @property
    def held(self) -> Money:
        return Money(self.paid_fen - self.refunded_fen - self.settled_fen)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_fen)

    @property
    def settled(self) -> Money:
        return Money(self.settled_fen)

    @property
    def standing(self) -> Standing:
        return standing_of(Whereabouts(
            state=self.state, cancelled=self.cancelled_at is not None, release_wanted=self.release_at is not None,
            blocked=self.retained or self.account == "frozen" or (self.blocked_at or self.disputed_at) is not None, transfer_stated=self.transfer_stated, transfer_confirmed=self.transfer_confirmed,
        ))  # fmt: skip


def _view(row: dict[str, Any]) -> PayableView:
    return PayableView(**{**row, "state": State(row["state"]) if row["state"] else None})


async def standing(payable_id: UUID) -> Standing:
    row = await fetch_one(f"{_PAYABLES} WHERE p.id = $1", payable_id)
    assert row is not None
    return _view(row).standing


async def payable_by(reference: str) -> PayableView | None:
    row = await fetch_one(f"{_PAYABLES} WHERE p.reference = $1", reference)
    return _view(row) if row else None


async def payables_about(subject: str) -> list[PayableView]:
    """All that is owed in one matter, for the parts of pages that were let in by their own rules."""
    return [_view(row) for row in await fetch(f"{_PAYABLES} WHERE p.subject = $1 ORDER BY p.reference", subject)]


async def access_payable(viewer: Viewer, reference: str) -> PayableView:
    """For both sides and the operator; NotFound for everybody else."""
    found = await payable_by(reference)
    if found is None or not (viewer.is_operator or viewer.organisation_id in {found.payer_id, found.payee_id}):
        raise NotFound
    return found


async def access_as_payer(viewer: Viewer, reference: str) -> PayableView:
    found = await access_payable(viewer, reference)
    if found.payer_id != viewer.organisation_id:
        raise NotFound
    return found


async def access_as_payee(viewer: Viewer, reference: str) -> PayableView:
    found = await access_payable(viewer, reference)
    if found.payee_id != viewer.organisation_id:
        raise NotFound
    return found


async def statement(organisation_id: UUID) -> list[PayableView]:
    """Everything this organisation owes or is owed, the newest first."""
    rows = await fetch(
        f"{_PAYABLES} WHERE p.payer_id = $1 OR p.payee_id = $1 ORDER BY p.created_at DESC, p.id DESC LIMIT 500",
        organisation_id,
    )
    return [_view(row) for row in rows]


async def by_out_trade_no(out_trade_no: str) -> PayableView | None:
    row = await fetch_one(
        f"{_PAYABLES} WHERE p.id = (SELECT payable_id FROM payment WHERE out_trade_no = $1)", out_trade_no
    )
    return _view(row) if row else None


@dataclass(frozen=True)
class Movement:
    """One entry of the ledger, as a statement shows it."""

    kind: str
    amount_fen: int
    at: datetime
    provider_reference: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)


async def movements(payable_id: UUID) -> list[Movement]:
    """What happened to a milestone's money, oldest first; the second half of a settlement says nothing new."""
    rows = await fetch(
        "SELECT e.kind, e.amount_fen, e.effective_at AS at, e.provider_reference FROM ledger_entry e"
        " JOIN payment t ON t.id = e.payment_id WHERE t.payable_id = $1 AND e.kind <> 'handed_over' ORDER BY e.posted_at, e.id",
        payable_id,
    )
    return [Movement(**row) for row in rows]


async def transfer_of(payable_id: UUID) -> dict[str, Any] | None:
    """The latest bank transfer that was stated for it."""
    return await fetch_one(
        "SELECT id, amount_fen, paid_on, bank_reference, proof_file_id, stated_at, answer, answer_reason, answered_at"
        " FROM bank_transfer WHERE payable_id = $1 ORDER BY stated_at DESC LIMIT 1", payable_id,
    )  # fmt: skip


@dataclass(frozen=True)
class RefundView:
    """A request for money back. `executed`: the state of the instruction, once the agency agreed."""

    amount_fen: int
    reason: str
    asked_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None
    executed: str | None
    refusal: str | None

    @property
    def waits(self) -> bool:
        return self.answer is None


async def refund_requests_of(payable_id: UUID) -> list[RefundView]:
    """The latest first."""
    rows = await fetch(
        "SELECT r.amount_fen, r.reason, r.asked_at, r.answer, r.answer_reason, r.answered_at, i.state AS executed,"
        " CASE WHEN i.state = 'rejected' THEN i.answer END AS refusal FROM refund_request r"
        " LEFT JOIN instruction i ON i.id = r.instruction_id WHERE r.payable_id = $1 ORDER BY r.asked_at DESC, r.id DESC",
        payable_id,
    )
    return [RefundView(**row) for row in rows]


async def refunds_to_answer(organisation_id: UUID) -> list[dict[str, Any]]:
    """Requests that wait for this agency: reference, title, amount, since, who asks."""
    return await fetch(
        "SELECT p.reference, p.title, r.amount_fen, r.asked_at, o.name AS payer_name FROM refund_request r"
        " JOIN payable p ON p.id = r.payable_id JOIN organisation o ON o.id = p.payer_id"
        " WHERE p.payee_id = $1 AND r.answer IS NULL ORDER BY r.asked_at", organisation_id,
    )  # fmt: skip


async def sub_merchant_of(organisation_id: UUID) -> dict[str, Any] | None:
    return await fetch_one(
        "SELECT id, logon_id, state, smid, asked_at, answered_at, refusal FROM sub_merchant WHERE organisation_id = $1",
        organisation_id,
    )


# The operator's side.


async def accounts(*, limit: int = 300) -> list[dict[str, Any]]:
    """Every account that was registered; those about which something is to be done first. Sign-in names stay masked."""
    return await fetch(
        "SELECT s.id, o.name, o.code, s.state, s.smid, s.refusal, s.asked_at, s.answered_at, (SELECT coalesce(sum(t.paid_fen - t.refunded_fen"
        " - t.settled_fen), 0)::bigint FROM payment t WHERE t.smid = s.smid AND t.state IN ('held', 'settling')) AS held_fen"
        " FROM sub_merchant s JOIN organisation o ON o.id = s.organisation_id"
        " ORDER BY array_position(ARRAY['frozen', 'refused', 'asked', 'reviewing', 'active'], s.state), s.asked_at DESC LIMIT $1", limit,
    )  # fmt: skip


@dataclass(frozen=True)
class BillDayView:
    day: date
    state: str
    fetched_at: datetime | None
    due_at: datetime | None
    tries: int
    archive_sha256: str | None
    bill_paid_fen: int
    bill_refunded_fen: int
    fees_fen: int
    ledger_paid_fen: int
    ledger_refunded_fen: int
    closed_at: datetime | None
    lines: int
    matched: int
    open_breaks: int

    @property
    def may_close(self) -> bool:
        return self.state == "compared" and self.open_breaks == 0


_DAYS = (
    "SELECT d.day, d.state, d.fetched_at, d.due_at, d.tries, d.archive_sha256, d.bill_paid_fen, d.bill_refunded_fen, d.fees_fen,"
    " d.ledger_paid_fen, d.ledger_refunded_fen, d.closed_at,"
    " (SELECT count(*) FROM bill_line l WHERE l.day = d.day) AS lines,"
    " (SELECT count(*) FROM bill_line l WHERE l.day = d.day AND l.entry_id IS NOT NULL) AS matched,"
    " (SELECT count(*) FROM bill_break b WHERE b.day = d.day AND b.resolved_at IS NULL) AS open_breaks FROM bill_day d"
)


async def bill_days(*, limit: int = 60) -> list[BillDayView]:
    return [BillDayView(**row) for row in await fetch(f"{_DAYS} ORDER BY d.day DESC LIMIT $1", limit)]


async def bill_day(day: date) -> BillDayView:
    """Raises NotFound where this day was never looked at."""
    row = await fetch_one(f"{_DAYS} WHERE d.day = $1", day)
    if row is None:
        raise NotFound
    return BillDayView(**row)


async def breaks_of(day: date) -> list[dict[str, Any]]:
    """Open ones first; `reference`: the payment that it is about, where the books know one."""
    return await fetch(
        "SELECT b.id, b.kind, b.about, b.bill_fen, b.ledger_fen, b.found_at, b.resolved_at, b.resolution, p.reference, n.reference AS bond"
        " FROM bill_break b LEFT JOIN ledger_entry e ON e.id = b.entry_id LEFT JOIN bill_line l ON l.id = b.line_id"
        " LEFT JOIN payment t ON t.id = e.payment_id OR (e.id IS NULL AND t.out_trade_no = l.out_trade_no)"
        " LEFT JOIN payable p ON p.id = t.payable_id LEFT JOIN bond o ON o.id = e.bond_id LEFT JOIN bond_demand n ON n.id = o.demand_id"
        " WHERE b.day = $1 ORDER BY b.resolved_at IS NOT NULL, b.kind, b.about", day,
    )  # fmt: skip


async def open_breaks_by_kind() -> list[dict[str, Any]]:
    """Kind, how many are open, since when, and the days on which they stand."""
    return await fetch(
        "SELECT kind, count(*) AS number, min(found_at) AS since, array_agg(DISTINCT day ORDER BY day) AS days FROM bill_break"
        " WHERE resolved_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind"
    )


async def held_by_alipay() -> Money:
    """What Alipay holds for all milestones together."""
    held: int = await fetch_value(
        "SELECT coalesce(sum(paid_fen - refunded_fen - settled_fen), 0)::bigint FROM payment WHERE state IN ('held', 'settling')"
    )
    return Money(held)


async def lines_of(day: date, *, limit: int = 500) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT no, kind, trade_no, out_trade_no, request_no, amount_fen, fee_fen, at, entry_id FROM bill_line WHERE day = $1"
        " ORDER BY no LIMIT $2", day, limit,
    )  # fmt: skip


async def open_alarms(*, limit: int = 100) -> list[dict[str, Any]]:
    """The oldest first; `reference`: the payment that it is about, `bond`: the contract whose bond it is about."""
    rows = await fetch(
        "SELECT a.id, a.kind, a.about, a.facts, a.raised_at, p.reference, d.reference AS bond FROM payment_alarm a"
        " LEFT JOIN instruction i ON i.request_no = a.about LEFT JOIN payment t ON t.out_trade_no = a.about OR t.id = i.payment_id"
        " LEFT JOIN payable p ON p.id = t.payable_id LEFT JOIN bond b ON b.reference = a.about OR b.id = i.bond_id"
        " LEFT JOIN bond_demand d ON d.id = b.demand_id WHERE a.resolved_at IS NULL ORDER BY a.raised_at LIMIT $1", limit,
    )  # fmt: skip
    return [{**row, "facts": from_json(row["facts"])} for row in rows]


async def faults_of_the_ledger() -> Sequence[str]:
    """Everything in which rows and balances contradict each other; empty in a sound market. Each line names the thing."""
    rows = await fetch(_FAULTS)
    return [f"{row['what']}: {row['about']}" for row in rows]


_FAULTS = """
SELECT 'debits and credits differ' AS what, 'all accounts' AS about FROM ledger_account HAVING sum(debits) <> sum(credits)
UNION ALL
SELECT 'a balance that its entries do not give', a.code FROM ledger_account a LEFT JOIN LATERAL (
    SELECT coalesce(sum(amount_fen) FILTER (WHERE debit = a.code), 0)::bigint AS debits,
           coalesce(sum(amount_fen) FILTER (WHERE credit = a.code), 0)::bigint AS credits
    FROM ledger_entry WHERE a.code IN (debit, credit)) e ON true
WHERE (a.debits, a.credits) IS DISTINCT FROM (e.debits, e.credits)
UNION ALL
SELECT 'a payment that its entries do not give', t.out_trade_no FROM payment t LEFT JOIN LATERAL (
    SELECT coalesce(sum(amount_fen) FILTER (WHERE kind IN ('paid', 'paid_in_error')), 0) AS paid,
           coalesce(sum(amount_fen) FILTER (WHERE kind IN ('refund', 'refund_of_error')), 0) AS refunded,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'settle'), 0) AS settled
    FROM ledger_entry e WHERE e.payment_id = t.id) e ON true
WHERE (t.paid_fen, t.refunded_fen, t.settled_fen) IS DISTINCT FROM (e.paid::bigint, e.refunded::bigint, e.settled::bigint)
UNION ALL
SELECT 'a promise without an instruction', t.out_trade_no FROM payment t
WHERE t.reserved_fen <> (SELECT coalesce(sum(i.amount_fen), 0) FROM instruction i
    WHERE i.payment_id = t.id AND i.kind IN ('refund', 'settle') AND i.ended_at IS NULL)
UNION ALL
SELECT 'a milestone whose money its entries do not give', p.reference FROM payable p
LEFT JOIN ledger_account a ON a.code = 'escrow:' || p.id
WHERE coalesce(a.credits - a.debits, 0) <> (SELECT coalesce(sum(t.paid_fen - t.refunded_fen - t.settled_fen), 0)
    FROM payment t WHERE t.payable_id = p.id AND t.state <> 'review')
UNION ALL
SELECT 'a bond that its entries do not give', b.reference FROM bond b
LEFT JOIN ledger_account a ON a.code = 'bond:claim:' || b.id
WHERE coalesce(a.credits - a.debits, 0) <> CASE WHEN b.frozen_at IS NULL THEN 0 ELSE b.total_fen - b.unfrozen_fen - b.captured_fen END
"""
