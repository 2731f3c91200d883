"""Rows of money, locked, as the actions see them. Order of locks: demand, bond; payable, payment;
then instruction, ledger accounts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from market.kernel.db import fetch, fetch_one, require_transaction
from market.kernel.errors import NotFound
from market.payments.rules import Kind, State

Row = TypeVar("Row")


@dataclass(frozen=True)
class Payable:
    id: UUID
    reference: str
    subject: str
    title: str
    payer_id: UUID
    payee_id: UUID
    amount_fen: int
    release_at: datetime | None
    blocked_at: datetime | None
    disputed_at: datetime | None
    cancelled_at: datetime | None

    @property
    def contract(self) -> str:
        """The contract's number: what stands before the milestone's in the reference."""
        return self.reference.rpartition("-")[0]


@dataclass(frozen=True)
class Payment:
    id: UUID
    payable_id: UUID
    out_trade_no: str
    trade_no: str | None
    smid: str
    amount_fen: int
    state: State
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    paid_fen: int
    refunded_fen: int
    reserved_fen: int
    settled_fen: int
    polls: int

    @property
    def left_fen(self) -> int:
        """Paid, and neither given on nor promised."""
        return self.paid_fen - self.refunded_fen - self.reserved_fen - self.settled_fen


@dataclass(frozen=True)
class Instruction:
    id: UUID
    kind: Kind
    payment_id: UUID | None
    bond_id: UUID | None
    sub_merchant_id: UUID | None
    amount_fen: int | None
    request_no: str
    reason: str
    state: str
    tries: int
    sent_at: datetime | None

    @property
    def amount(self) -> int:
        assert self.amount_fen is not None
        return self.amount_fen


@dataclass(frozen=True)
class Bond:
    id: UUID
    demand_id: UUID
    reference: str
    agency_id: UUID
    beneficiary_id: UUID
    title: str
    total_fen: int
    order_no: str
    state: str
    auth_no: str | None
    unfrozen_fen: int
    captured_fen: int
    reserved_fen: int
    created_at: datetime
    expires_at: datetime

    @property
    def left_fen(self) -> int:
        return self.total_fen - self.unfrozen_fen - self.captured_fen - self.reserved_fen


@dataclass(frozen=True)
class Demand:
    """A bond that is asked for."""

    id: UUID
    reference: str
    subject: str
    title: str
    agency_id: UUID
    beneficiary_id: UUID
    mode: str
    amount_fen: int
    retained_reference: str | None
    returns_at: datetime | None
    ended: str | None


def _columns(kind: type[Any]) -> str:
    return ", ".join(one.name for one in fields(kind))


def payment_of(row: dict[str, Any]) -> Payment:
    return Payment(**{**row, "state": State(row["state"])})


def instruction_of(row: dict[str, Any]) -> Instruction:
    return Instruction(**{**row, "kind": Kind(row["kind"])})


PAYMENT = _columns(Payment)
INSTRUCTION = _columns(Instruction)
_LOCK = "FOR NO KEY UPDATE"


async def lock_payable(payable_id: UUID) -> Payable:
    require_transaction()
    row = await fetch_one(f"SELECT {_columns(Payable)} FROM payable WHERE id = $1 {_LOCK}", payable_id)
    assert row is not None
    return Payable(**row)


async def lock_payable_by(reference: str) -> Payable | None:
    require_transaction()
    row = await fetch_one(f"SELECT {_columns(Payable)} FROM payable WHERE reference = $1 {_LOCK}", reference)
    return Payable(**row) if row else None


_BOTH = (
    "SELECT "
    + ", ".join(f"p.{one.name} AS p_{one.name}" for one in fields(Payable))
    + ", "
    + ", ".join(f"t.{one.name} AS t_{one.name}" for one in fields(Payment))
    + " FROM payable p JOIN payment t ON t.payable_id = p.id"
)


async def _lock_both(condition: str, value: UUID | str) -> tuple[Payable, Payment] | None:
    """A payment and what it pays, in one step and so in one order for everybody."""
    require_transaction()
    row = await fetch_one(f"{_BOTH} WHERE {condition} {_LOCK} OF p, t", value)
    if row is None:
        return None
    parts = {side: {name[2:]: one for name, one in row.items() if name[:2] == side} for side in ("p_", "t_")}
    return Payable(**parts["p_"]), payment_of(parts["t_"])


async def lock_payment(payment_id: UUID) -> tuple[Payable, Payment]:
    found = await _lock_both("t.id = $1", payment_id)
    assert found is not None
    return found


async def lock_trade(out_trade_no: str) -> tuple[Payable, Payment] | None:
    return await _lock_both("t.out_trade_no = $1", out_trade_no)


async def live_payment(payable_id: UUID) -> Payment | None:
    row = await fetch_one(
        f"SELECT {PAYMENT} FROM payment WHERE payable_id = $1"
        " AND state IN ('awaiting', 'closing', 'held', 'settling', 'settled')", payable_id,
    )  # fmt: skip
    return payment_of(row) if row else None


async def read_payment(payment_id: UUID) -> Payment:
    row = await fetch_one(f"SELECT {PAYMENT} FROM payment WHERE id = $1", payment_id)
    assert row is not None
    return payment_of(row)


async def read_instruction(instruction_id: UUID, *, lock: str = "") -> Instruction:
    row = await fetch_one(f"SELECT {INSTRUCTION} FROM instruction WHERE id = $1 {lock}", instruction_id)
    assert row is not None
    return instruction_of(row)


async def lock_instruction(instruction_id: UUID) -> Instruction:
    require_transaction()
    return await read_instruction(instruction_id, lock=_LOCK)


async def read_bond(bond_id: UUID, *, lock: str = "") -> Bond:
    row = await fetch_one(f"SELECT {_columns(Bond)} FROM bond WHERE id = $1 {lock}", bond_id)
    assert row is not None
    return Bond(**row)


async def bonds_of(demand_id: UUID, state: str) -> list[Bond]:
    """Locked, the first to run out first."""
    require_transaction()
    rows = await fetch(
        f"SELECT {_columns(Bond)} FROM bond WHERE demand_id = $1 AND state = $2 ORDER BY expires_at, id {_LOCK}",
        demand_id,
        state,
    )
    return [Bond(**row) for row in rows]


async def lock_demand(reference: str) -> Demand:
    """By the contract's number; before its bonds. Raises NotFound."""
    require_transaction()
    row = await fetch_one(f"SELECT {_columns(Demand)} FROM bond_demand WHERE reference = $1 {_LOCK}", reference)
    if row is None:
        raise NotFound
    return Demand(**row)


async def demand_by_id(demand_id: UUID) -> Demand:
    row = await fetch_one(f"SELECT {_columns(Demand)} FROM bond_demand WHERE id = $1", demand_id)
    assert row is not None
    return Demand(**row)


async def lock_bond(bond_id: UUID) -> Bond:
    require_transaction()
    return await read_bond(bond_id, lock=_LOCK)
