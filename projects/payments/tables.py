"""The tables of fair payment, as market/kernel/migrations/0134_fair_payment.sql makes them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Person
from market.kernel.db import DB
from market.payments.tables import Payable
from projects.contracts.tables import Contract


class PaymentTerm(Table, db=DB, tablename="payment_term"):
    """Until when one payable has to be paid, and what lateness costs."""

    payable_id = ForeignKey(Payable, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    milestone = Integer(default=None, null=True)
    days = Integer(default=None, null=False)
    interest_per_day = Integer(default=None, null=False, help_text="basis points")
    basis = Text(default=None, null=False)
    rule = Text(default=None, null=False)
    runs_from = Timestamptz(default=None, null=True)
    watch_at = Timestamptz(default=None, null=True)


class OverduePayment(Table, db=DB, tablename="overdue_payment"):
    """A payable that was not paid in time."""

    payable_id = ForeignKey(Payable, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    due_at = Timestamptz(default=None, null=False)
    found_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_on = Date(default=None, null=True)
    late_days = Integer(default=None, null=True)
    interest_fen = BigInt(default=None, null=True)


class OverdueStep(Table, db=DB, tablename="overdue_step"):
    """So many days late, as the register recorded it."""

    id = UUID(primary_key=True, default=None, null=False)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    days = Integer(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    unpaid_fen = BigInt(default=None, null=False)
    interest_fen = BigInt(default=None, null=False)


class OverdueList(Table, db=DB, tablename="overdue_list"):
    """What was due and unpaid when a year ended, as it was published."""

    year = Integer(primary_key=True, default=None, null=False)
    published_at = Timestamptz(default=None, null=False)
    rows = JSONB(default=None, null=False)
    sha256 = Text(default=None, null=False)


class Invoice(Table, db=DB, tablename="invoice"):
    """An invoice that an agency handed in, and what the owner said to it."""

    id = UUID(primary_key=True, default=None, null=False)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    kind = Text(default=None, null=False)
    code = Text(default=None, null=False)
    number = Text(default=None, null=False)
    issued_on = Date(default=None, null=False)
    buyer_name = Text(default=None, null=False)
    buyer_code = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    net_fen = BigInt(default=None, null=False)
    tax_fen = BigInt(default=None, null=False)
    tax_rate = Integer(default=None, null=False, help_text="basis points")
    file_id = UUID(default=None, null=False)
    handed_in_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    handed_in_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
