"""What an organisation paid and received in a period, and what Alipay held for it at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_value
from market.kernel.i18n import N_
from market.kernel.money import Money

KINDS = {
    "paid": N_("paid, held by Alipay"), "paid_in_error": N_("paid after its time"), "refund": N_("refunded"),
    "refund_of_error": N_("refunded"), "settle": N_("released"), "bank": N_("bank transfer"),
}  # fmt: skip
OUT_OF_OWNER = frozenset({"paid", "paid_in_error", "bank"})
INTO_OWNER = frozenset({"refund", "refund_of_error"})
INTO_AGENCY = frozenset({"settle", "bank"})


@dataclass(frozen=True)
class Movement:
    """`came`, `went`: from this organisation's side; one of the two is nothing."""

    on: date
    payable: str
    title: str
    other_name: str
    kind: str
    came: Money
    went: Money
    reference: str


@dataclass(frozen=True)
class Statement:
    first: date
    last: date
    movements: tuple[Movement, ...]
    held: Money

    @property
    def came(self) -> Money:
        return Money(sum(one.came.fen for one in self.movements))

    @property
    def went(self) -> Money:
        return Money(sum(one.went.fen for one in self.movements))


_MOVED = """
SELECT m.*, p.reference AS payable, p.title, p.payer_id, o.name AS owner, a.name AS agency FROM (
    SELECT t.payable_id, (e.effective_at AT TIME ZONE 'Asia/Shanghai')::date AS on, e.posted_at AS at, e.kind, e.amount_fen,
           e.provider_reference AS reference
    FROM ledger_entry e JOIN payment t ON t.id = e.payment_id WHERE e.kind = ANY($4)
    UNION ALL
    SELECT b.payable_id, b.paid_on, b.answered_at, 'bank', b.amount_fen, b.bank_reference
    FROM bank_transfer b WHERE b.answer = 'confirmed') m
JOIN payable p ON p.id = m.payable_id JOIN organisation o ON o.id = p.payer_id JOIN organisation a ON a.id = p.payee_id
WHERE $1 IN (p.payer_id, p.payee_id) AND m.on BETWEEN $2 AND $3 ORDER BY m.on, m.at
"""
_HELD = """
SELECT coalesce(sum(CASE e.kind WHEN 'paid' THEN e.amount_fen ELSE -e.amount_fen END), 0)::bigint FROM ledger_entry e
JOIN payment t ON t.id = e.payment_id JOIN payable p ON p.id = t.payable_id
WHERE $1 IN (p.payer_id, p.payee_id) AND e.kind IN ('paid', 'refund', 'settle')
  AND (e.effective_at AT TIME ZONE 'Asia/Shanghai')::date <= $2
"""


async def statement_of(organisation_id: UUID, first: date, last: date, *, owner: bool) -> Statement:
    """Oldest first. An owner's money leaves it when it is paid; an agency's comes when it is released."""
    kinds = OUT_OF_OWNER | INTO_OWNER if owner else INTO_AGENCY
    rows = await fetch(_MOVED, organisation_id, first, last, sorted(kinds))
    held: int = await fetch_value(_HELD, organisation_id, last)
    return Statement(first, last, tuple(_movement(row, owner) for row in rows), Money(held))


def _movement(row: dict[str, Any], owner: bool) -> Movement:
    amount, nothing = Money(row["amount_fen"]), Money(0)
    came = row["kind"] in (INTO_OWNER if owner else INTO_AGENCY)
    return Movement(
        row["on"], row["payable"], row["title"], row["agency" if owner else "owner"], row["kind"],
        amount if came else nothing, nothing if came else amount, row["reference"],
    )  # fmt: skip
