"""The one posting function of the ledger, and the names of its accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import execute, fetch, fetch_one, require_transaction
from market.kernel.ids import new_id


@dataclass(frozen=True)
class Account:
    code: str
    normal: str


def pending(smid: str) -> Account:
    """What Alipay holds for a sub-merchant and has not given it."""
    return Account(f"alipay:pending:{smid}", "debit")


def escrow(payable_id: UUID) -> Account:
    """Whose money that is: the milestone's, until it is released or goes back."""
    return Account(f"escrow:{payable_id}", "credit")


def received(organisation_id: UUID) -> Account:
    """What an agency has got from Alipay through this market."""
    return Account(f"received:{organisation_id}", "credit")


def handed_over(organisation_id: UUID) -> Account:
    """The other side of it: outside, in the agency's own account."""
    return Account(f"outside:{organisation_id}", "debit")


SUSPENSE = Account("suspense", "credit")


def bond_frozen(bond_id: UUID) -> Account:
    return Account(f"bond:frozen:{bond_id}", "debit")


def bond_claim(bond_id: UUID) -> Account:
    return Account(f"bond:claim:{bond_id}", "credit")


@dataclass(frozen=True)
class Entry:
    """`key` comes from the number of what happened. `payment_id` or `bond_id` says whose it is."""

    key: str
    kind: str
    debit: Account
    credit: Account
    amount_fen: int
    provider_reference: str
    effective_at: datetime
    payment_id: UUID | None = None
    bond_id: UUID | None = None

    @property
    def identity(self) -> tuple[Any, ...]:
        return self.kind, self.debit.code, self.credit.code, self.amount_fen, self.payment_id, self.bond_id


class BookedDifferently(Exception):
    """The same key with other content: two things took one number, which is a fault of ours and never a retry."""


# One statement: accounts that are new, then the entries. Balances follow by trigger, after both.
_POST = """
WITH account AS (
    INSERT INTO ledger_account (code, normal) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING)
INSERT INTO ledger_entry (id, group_id, key, kind, debit, credit, amount_fen, payment_id, bond_id, provider_reference, effective_at, posted_at)
SELECT id, $3, key, kind, debit, credit, amount, payment, bond, reference, at, $13
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::uuid[], $11::uuid[], $12::text[], $14::timestamptz[])
    AS one (id, key, kind, debit, credit, amount, payment, bond, reference, at)
ON CONFLICT (key) DO NOTHING RETURNING key
"""


async def post(entries: Sequence[Entry], *, now: datetime) -> bool:
    """Books all of them or, when they were booked before, none: then False. Raises BookedDifferently."""
    require_transaction()
    accounts = {one.code: one.normal for entry in entries for one in (entry.debit, entry.credit)}
    codes = sorted(accounts)
    booked = await fetch(
        _POST, codes, [accounts[code] for code in codes], new_id(), [new_id() for _ in entries], [one.key for one in entries],
        [one.kind for one in entries], [one.debit.code for one in entries], [one.credit.code for one in entries],
        [one.amount_fen for one in entries], [one.payment_id for one in entries], [one.bond_id for one in entries],
        [one.provider_reference for one in entries], now, [one.effective_at for one in entries],
    )  # fmt: skip
    if len(booked) == len(entries):
        return True
    _compare(entries, {} if booked else await _known([entry.key for entry in entries]))
    return False


async def _known(keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    rows = await fetch(
        "SELECT key, kind, debit, credit, amount_fen, payment_id, bond_id FROM ledger_entry WHERE key = ANY($1)",
        list(keys),
    )
    return {row["key"]: tuple(row.values())[1:] for row in rows}


def _compare(entries: Sequence[Entry], known: dict[str, tuple[Any, ...]]) -> None:
    for entry in entries:
        if known.get(entry.key) != entry.identity:
            raise BookedDifferently(entry.key)


async def reverse(entry_id: UUID, *, now: datetime) -> UUID:
    """Books the opposite of an entry; the mistaken one stays. Once an entry."""
    require_transaction()
    row = await fetch_one("SELECT * FROM ledger_entry WHERE id = $1", entry_id)
    assert row is not None
    reversal = new_id()
    await execute(
        "INSERT INTO ledger_entry (id, group_id, key, kind, debit, credit, amount_fen, payment_id, bond_id,"
        " provider_reference, effective_at, posted_at, reverses) VALUES ($1,$2,$3,'reversal',$4,$5,$6,$7,$8,$9,$10,$10,$11)",
        reversal, row["group_id"], f"reverse:{entry_id}", row["credit"], row["debit"], row["amount_fen"], row["payment_id"],
        row["bond_id"], row["provider_reference"], now, entry_id,
    )  # fmt: skip
    return reversal
