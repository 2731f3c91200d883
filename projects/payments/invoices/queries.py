"""Invoices for both sides of a payment, the operator, and the regulators concerned."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from market.catalogue.queries import rulebook
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.kernel.money import Money
from market.web.viewer import Viewer
from projects.payments.invoices.rules import Check, Expected, Invoice, checks
from projects.payments.overdue.queries import NATURAL_PERSON, TermView, access_term


@dataclass(frozen=True)
class InvoiceView:
    id: UUID
    payable_id: UUID
    no: int
    kind: str
    code: str
    number: str
    issued_on: date
    buyer_name: str
    buyer_code: str
    amount_fen: int
    net_fen: int
    tax_fen: int
    tax_rate: int
    file_id: UUID
    file_name: str
    handed_in_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None

    @property
    def facts(self) -> Invoice:
        return Invoice(**{one.name: getattr(self, one.name) for one in fields(Invoice)})

    @property
    def full_number(self) -> str:
        return f"{self.code} {self.number}".strip()

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)


_INVOICES = (
    "SELECT i.id, i.payable_id, i.no, i.kind, i.code, i.number, i.issued_on, i.buyer_name, i.buyer_code, i.amount_fen, i.net_fen,"
    " i.tax_fen, i.tax_rate, i.file_id, f.name AS file_name, i.handed_in_at, i.answer, i.answer_reason, i.answered_at"
    " FROM invoice i JOIN stored_file f ON f.id = i.file_id"
)


async def invoices_of(payable_id: UUID) -> list[InvoiceView]:
    """The latest first."""
    rows = await fetch(f"{_INVOICES} WHERE i.payable_id = $1 ORDER BY i.no DESC", payable_id)
    return [InvoiceView(**row) for row in rows]


async def expected_for(term: TermView) -> Expected:
    book = await rulebook(term.rulebook_version)
    return Expected(
        term.amount_fen - term.refunded_fen, term.owner_name, None if term.owner_kind == NATURAL_PERSON else term.owner_code,
        book.money("payment.invoice_tax_tolerance").fen,
    )  # fmt: skip


async def is_used(code: str, number: str, *, beside: UUID | None = None) -> bool:
    """Whether the market knows this invoice, returned ones left out."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM invoice WHERE code = $1 AND number = $2 AND answer IS DISTINCT FROM 'returned'"
        " AND id IS DISTINCT FROM $3)",
        code, number, beside,
    )  # fmt: skip
    return found


async def check_list(term: TermView, invoice: InvoiceView) -> tuple[Check, ...]:
    used = await is_used(invoice.code, invoice.number, beside=invoice.id)
    handed_in = beijing_date(invoice.handed_in_at)
    return checks(invoice.facts, await expected_for(term), handed_in=handed_in, used=used)


async def access_file(viewer: Viewer, reference: str, no: int) -> StoredFile:
    term = await access_term(viewer, reference)
    for one in await invoices_of(term.payable_id):
        if one.no == no:
            return await stored(one.file_id)
    raise NotFound


@dataclass(frozen=True)
class InvoiceToDo:
    reference: str
    title: str
    other_name: str
    since: datetime


async def to_answer(owner_id: UUID) -> list[InvoiceToDo]:
    return await _to_do(
        "SELECT p.reference, p.title, a.name AS other_name, i.handed_in_at AS since FROM invoice i"
        " JOIN payable p ON p.id = i.payable_id JOIN organisation a ON a.id = p.payee_id"
        " WHERE p.payer_id = $1 AND i.answer IS NULL ORDER BY i.handed_in_at",
        owner_id,
    )


async def to_hand_in(agency_id: UUID) -> list[InvoiceToDo]:
    """Accepted and still owed or paid, without an invoice that stands."""
    return await _to_do(
        "SELECT p.reference, p.title, o.name AS other_name, p.release_at AS since FROM payable p"
        " JOIN payment_term k ON k.payable_id = p.id JOIN organisation o ON o.id = p.payer_id"
        " WHERE p.payee_id = $1 AND p.release_at IS NOT NULL AND p.cancelled_at IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM invoice i WHERE i.payable_id = p.id AND i.answer IS DISTINCT FROM 'returned') ORDER BY p.release_at",
        agency_id,
    )


async def _to_do(sql: str, organisation_id: UUID) -> list[InvoiceToDo]:
    return [InvoiceToDo(**row) for row in await fetch(sql, organisation_id)]
