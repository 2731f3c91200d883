from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from projects.contracts.tables import Contract


class ContractWarning(Table, db=DB, tablename="contract_warning"):
    """A warning that something is overdue, with time to cure it."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    ground = Text(default=None, null=False)
    side = Text(default=None, null=False)
    milestone = Integer(default=None, null=False)
    overdue_since = Timestamptz(default=None, null=False)
    reason = Text(default=None, null=False)
    warned_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    warned_at = Timestamptz(default=None, null=False)
    cure_due_at = Timestamptz(default=None, null=False)


class ContractRescission(Table, db=DB, tablename="contract_rescission"):
    """The notice by which one side ends a contract, and what became of it."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    ground = Text(default=None, null=False)
    warning_id = ForeignKey(ContractWarning, default=None, null=True, on_delete=OnDelete.restrict)
    side = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    settlement_fen = BigInt(default=None, null=False)
    notified_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    notified_at = Timestamptz(default=None, null=False)
    objection_due_at = Timestamptz(default=None, null=False)
    objection = Text(default="", null=False)
    objected_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    objected_at = Timestamptz(default=None, null=True)
    decide_due_at = Timestamptz(default=None, null=True)
    decision = Text(default=None, null=True)
    decision_reason = Text(default="", null=False)
    decided_settlement_fen = BigInt(default=None, null=True)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_for = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)
    outcome = Text(default=None, null=True)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    ended_at = Timestamptz(default=None, null=True)


class ContractSettlement(Table, db=DB, tablename="contract_settlement"):
    """What was done, paid and is still owed when a contract ended early."""

    contract_id = ForeignKey(Contract, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    statement = JSONB(default=None, null=False)
    sha256 = Text(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    owner_confirmed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_confirmed_at = Timestamptz(default=None, null=True)
    agency_confirmed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_confirmed_at = Timestamptz(default=None, null=True)
