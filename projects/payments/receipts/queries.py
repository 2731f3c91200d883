"""What a receipt is given for: money that was paid, released, refunded, or transferred and confirmed. A receipt holds no
facts of its own: it follows from entries of the ledger and answers that never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.contracts.queries import contract_by_id
from projects.contracts.terms import Party
from projects.payments.overdue.queries import TermView

KINDS = {
    "paid": N_("Paid by the owner, held by Alipay"), "settle": N_("Released to the agency"),
    "refund": N_("Refunded to the owner"), "bank": N_("Transferred by bank, confirmed by the agency"),
}  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """`reference`: Alipay's number, or the bank's. `on`: the day on which the money moved; `at`: when the market booked it.
    `entry_id`: what the register says of it."""

    id: UUID
    no: int
    payable: str
    kind: str
    amount_fen: int
    on: date
    at: datetime
    reference: str
    entry_id: UUID | None
    entry_no: int | None

    @property
    def number(self) -> str:
        return f"{self.payable}-R{self.no}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)

    @property
    def url(self) -> str:
        return f"/payments/{self.payable}/receipts/{self.no}"


_MOVED = """
SELECT m.*, e.id AS entry_id, e.written AS entry_no FROM (
    SELECT e.id, e.kind, e.amount_fen, (e.effective_at AT TIME ZONE 'Asia/Shanghai')::date AS on, e.posted_at AS at,
           e.provider_reference AS reference
    FROM ledger_entry e JOIN payment t ON t.id = e.payment_id
    WHERE t.payable_id = $1 AND e.kind IN ('paid', 'settle', 'refund')
    UNION ALL
    SELECT b.id, 'bank', b.amount_fen, b.paid_on, b.answered_at, b.bank_reference
    FROM bank_transfer b WHERE b.payable_id = $1 AND b.answer = 'confirmed') m
LEFT JOIN register_entry e ON e.subject = $2 AND e.data ->> 'payable' = $3 AND e.at = m.at
    AND e.kind = CASE m.kind WHEN 'paid' THEN 'payment.made' WHEN 'settle' THEN 'payment.released'
                             WHEN 'refund' THEN 'payment.refunded' ELSE 'payment.by_bank' END
ORDER BY m.at, m.id
"""


async def receipts_of(term: TermView) -> list[Receipt]:
    """In the order in which they were booked, which gives them their numbers."""
    rows = await fetch(_MOVED, term.payable_id, term.project, term.reference)
    return [Receipt(no=no, payable=term.reference, **row) for no, row in enumerate(rows, 1)]


async def receipt_of(term: TermView, no: int) -> Receipt:
    """Raises NotFound."""
    for one in await receipts_of(term):
        if one.no == no:
            return one
    raise NotFound


async def parties_of(term: TermView) -> tuple[Party, Party]:
    """Owner and agency as they stand in the signed contract: names that change later change no receipt."""
    terms = (await contract_by_id(term.contract_id)).terms
    return terms.owner, terms.agency
