"""The tables of money, as market/kernel/migrations make them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB


class SubMerchant(Table, db=DB, tablename="sub_merchant"):
    """An agency as Alipay knows it."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    logon_id = Text(default=None, null=False)
    state = Text(default=None, null=False)
    order_id = Text(default=None, null=True)
    smid = Text(default=None, null=True)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    answered_at = Timestamptz(default=None, null=True)
    ask_at = Timestamptz(default=None, null=True)
    refusal = Text(default="", null=False)


class Payable(Table, db=DB, tablename="payable"):
    """What one milestone owes."""

    id = UUID(primary_key=True, default=None, null=False)
    reference = Text(default=None, null=False)
    subject = Text(default=None, null=False)
    title = Text(default=None, null=False)
    payer_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    payee_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    release_at = Timestamptz(default=None, null=True)
    blocked_at = Timestamptz(default=None, null=True)
    block_reason = Text(default="", null=False)
    cancelled_at = Timestamptz(default=None, null=True)
    disputed_at = Timestamptz(default=None, null=True)


class Payment(Table, db=DB, tablename="payment"):
    """One trade at Alipay."""

    id = UUID(primary_key=True, default=None, null=False)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    out_trade_no = Text(default=None, null=False)
    trade_no = Text(default=None, null=True)
    means = Text(default=None, null=False)
    smid = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    state = Text(default=None, null=False)
    started_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    paid_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    paid_fen = BigInt(default=0, null=False)
    refunded_fen = BigInt(default=0, null=False)
    reserved_fen = BigInt(default=0, null=False)
    settled_fen = BigInt(default=0, null=False)
    review_reason = Text(default="", null=False)
    poll_at = Timestamptz(default=None, null=True)
    polls = Integer(default=0, null=False)


class BondDemand(Table, db=DB, tablename="bond_demand"):
    """A bond that an owner asks for, however it is given."""

    id = UUID(primary_key=True, default=None, null=False)
    reference = Text(default=None, null=False)
    subject = Text(default=None, null=False)
    title = Text(default=None, null=False)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    beneficiary_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    mode = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    demanded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    demanded_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    retained_reference = Text(default=None, null=True)
    returns_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    end_reason = Text(default="", null=False)


class Bond(Table, db=DB, tablename="bond"):
    """A pre-authorised bond."""

    id = UUID(primary_key=True, default=None, null=False)
    reference = Text(default=None, null=False)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    beneficiary_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    title = Text(default=None, null=False)
    total_fen = BigInt(default=None, null=False)
    order_no = Text(default=None, null=False)
    state = Text(default=None, null=False)
    code = Text(default="", null=False)
    auth_no = Text(default=None, null=True)
    unfrozen_fen = BigInt(default=0, null=False)
    captured_fen = BigInt(default=0, null=False)
    reserved_fen = BigInt(default=0, null=False)
    created_at = Timestamptz(default=None, null=False)
    frozen_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None, null=False)
    poll_at = Timestamptz(default=None, null=True)
    demand_id = ForeignKey(BondDemand, default=None, null=False, on_delete=OnDelete.restrict)
    expired_at = Timestamptz(default=None, null=True)
    reminded_at = Timestamptz(default=None, null=True)


class BankGuarantee(Table, db=DB, tablename="bank_guarantee"):
    """A bank's guarantee in place of money."""

    id = UUID(primary_key=True, default=None, null=False)
    demand_id = ForeignKey(BondDemand, default=None, null=False, on_delete=OnDelete.restrict)
    number = Text(default=None, null=False)
    bank = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    valid_until = Date(default=None, null=False)
    file_id = UUID(default=None, null=False)
    given_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    given_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    returned_at = Timestamptz(default=None, null=True)
    reminded_at = Timestamptz(default=None, null=True)


class BondClaim(Table, db=DB, tablename="bond_claim"):
    """The owner claims a part of a bond."""

    id = UUID(primary_key=True, default=None, null=False)
    demand_id = ForeignKey(BondDemand, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    reason = Text(default=None, null=False)
    claimed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    claimed_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    granted_fen = BigInt(default=None, null=True)
    ruling = Text(default="", null=False)
    ruled_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    ruled_at = Timestamptz(default=None, null=True)


class Instruction(Table, db=DB, tablename="instruction"):
    """What Alipay is told to do."""

    id = UUID(primary_key=True, default=None, null=False)
    kind = Text(default=None, null=False)
    payment_id = ForeignKey(Payment, default=None, null=True, on_delete=OnDelete.restrict)
    bond_id = ForeignKey(Bond, default=None, null=True, on_delete=OnDelete.restrict)
    sub_merchant_id = ForeignKey(SubMerchant, default=None, null=True, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=True)
    request_no = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    wanted_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    state = Text(default=None, null=False)
    tries = Integer(default=0, null=False)
    answer = Text(default="", null=False)
    created_at = Timestamptz(default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)
    leased_until = Timestamptz(default=None, null=True)


class NotifyInbox(Table, db=DB, tablename="notify_inbox"):
    """Every signed notify, once."""

    id = UUID(primary_key=True, default=None, null=False)
    app_id = Text(default=None, null=False)
    notify_id = Text(default=None, null=False)
    body = Text(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)
    outcome = Text(default=None, null=False)


class LedgerAccount(Table, db=DB, tablename="ledger_account"):
    """Balances follow entries by trigger."""

    code = Text(primary_key=True, default=None, null=False)
    normal = Text(default=None, null=False)
    debits = BigInt(default=0, null=False)
    credits = BigInt(default=0, null=False)


class LedgerEntry(Table, db=DB, tablename="ledger_entry"):
    """One row is both sides."""

    id = UUID(primary_key=True, default=None, null=False)
    group_id = UUID(default=None, null=False)
    key = Text(default=None, null=False)
    kind = Text(default=None, null=False)
    debit = ForeignKey(LedgerAccount, default=None, null=False, on_delete=OnDelete.restrict)
    credit = ForeignKey(LedgerAccount, default=None, null=False, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=False)
    payment_id = ForeignKey(Payment, default=None, null=True, on_delete=OnDelete.restrict)
    bond_id = ForeignKey(Bond, default=None, null=True, on_delete=OnDelete.restrict)
    provider_reference = Text(default=None, null=False)
    effective_at = Timestamptz(default=None, null=False)
    posted_at = Timestamptz(default=None, null=False)
    reverses: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)


class PaymentAlarm(Table, db=DB, tablename="payment_alarm"):
    """What a person must look at."""

    id = UUID(primary_key=True, default=None, null=False)
    kind = Text(default=None, null=False)
    about = Text(default=None, null=False)
    facts = JSONB(default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    resolved_at = Timestamptz(default=None, null=True)
    resolved_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    resolution = Text(default="", null=False)


class BillDay(Table, db=DB, tablename="bill_day"):
    """Alipay's bill of one day against the ledger's."""

    day = Date(primary_key=True, default=None, null=False)
    state = Text(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    tries = Integer(default=0, null=False)
    archive = Bytea(default=None, null=True)
    archive_sha256 = Text(default=None, null=True)
    fetched_at = Timestamptz(default=None, null=True)
    bill_paid_fen = BigInt(default=0, null=False)
    bill_refunded_fen = BigInt(default=0, null=False)
    fees_fen = BigInt(default=0, null=False)
    ledger_paid_fen = BigInt(default=0, null=False)
    ledger_refunded_fen = BigInt(default=0, null=False)
    closed_at = Timestamptz(default=None, null=True)
    closed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)


class BillLine(Table, db=DB, tablename="bill_line"):
    """One row of a bill."""

    id = UUID(primary_key=True, default=None, null=False)
    day = ForeignKey(BillDay, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    kind = Text(default=None, null=False)
    trade_no = Text(default=None, null=False)
    out_trade_no = Text(default=None, null=False)
    request_no = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    fee_fen = BigInt(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(LedgerEntry, default=None, null=True, on_delete=OnDelete.restrict)


class BillBreak(Table, db=DB, tablename="bill_break"):
    """A difference between bill and ledger."""

    id = UUID(primary_key=True, default=None, null=False)
    day = ForeignKey(BillDay, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    about = Text(default=None, null=False)
    line_id = ForeignKey(BillLine, default=None, null=True, on_delete=OnDelete.restrict)
    entry_id = ForeignKey(LedgerEntry, default=None, null=True, on_delete=OnDelete.restrict)
    bill_fen = BigInt(default=None, null=True)
    ledger_fen = BigInt(default=None, null=True)
    found_at = Timestamptz(default=None, null=False)
    resolved_at = Timestamptz(default=None, null=True)
    resolved_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    resolution = Text(default="", null=False)


class BankTransfer(Table, db=DB, tablename="bank_transfer"):
    """A payment outside of Alipay, stated by one side and confirmed by the other."""

    id = UUID(primary_key=True, default=None, null=False)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=False)
    paid_on = Date(default=None, null=False)
    bank_reference = Text(default=None, null=False)
    proof_file_id = UUID(default=None, null=True)
    stated_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    stated_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)


class RefundRequest(Table, db=DB, tablename="refund_request"):
    """Money that an owner asks back before the work is accepted."""

    id = UUID(primary_key=True, default=None, null=False)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    payment_id = ForeignKey(Payment, default=None, null=False, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=False)
    reason = Text(default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    instruction_id = ForeignKey(Instruction, default=None, null=True, on_delete=OnDelete.restrict)
