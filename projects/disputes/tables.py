from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.payments.tables import Instruction, Payable
from market.register.tables import RegisterEntry
from projects.contracts.tables import Contract, ContractMilestone
from projects.fulfilment.tables import AcceptancePause


class Dispute(Table, db=DB, tablename="dispute"):
    """A dispute on a milestone, what became of it, and how far its outcome is carried out."""

    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    milestone_id = ForeignKey(ContractMilestone, default=None, null=False, on_delete=OnDelete.restrict)
    payable_id = ForeignKey(Payable, default=None, null=False, on_delete=OnDelete.restrict)
    amount_fen = BigInt(default=None, null=False)
    side = Text(default=None, null=False)
    kind = Text(default=None, null=False)
    claim_fen = BigInt(default=None, null=False)
    statement = Text(default=None, null=False)
    opened_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    opened_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    pause_id = ForeignKey(AcceptancePause, default=None, null=False, on_delete=OnDelete.restrict)
    answer_due_at = Timestamptz(default=None, null=False)
    answer = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    mediation_since = Timestamptz(default=None, null=True)
    mediation_due_at = Timestamptz(default=None, null=True)
    taken_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    taken_at = Timestamptz(default=None, null=True)
    referred_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    referred_at = Timestamptz(default=None, null=True)
    referral = Text(default="", null=False)
    referral_reason = Text(default="", null=False)
    ruling_due_at = Timestamptz(default=None, null=True)
    authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    prepared_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    prepared_at = Timestamptz(default=None, null=True)
    heard_due_at = Timestamptz(default=None, null=True)
    owner_word = Text(default="", null=False)
    owner_word_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_word_at = Timestamptz(default=None, null=True)
    agency_word = Text(default="", null=False)
    agency_word_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_word_at = Timestamptz(default=None, null=True)
    outcome = Text(default=None, null=True)
    refund_fen = BigInt(default=None, null=True)
    legal_cause = Text(default="", null=False)
    reasons = Text(default="", null=False)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)
    refund_id = ForeignKey(Instruction, default=None, null=True, on_delete=OnDelete.restrict)
    release_id = ForeignKey(Instruction, default=None, null=True, on_delete=OnDelete.restrict)
    rest_id = ForeignKey(Payable, default=None, null=True, on_delete=OnDelete.restrict)
    back_fen = BigInt(default=None, null=True)
    back_due_at = Timestamptz(default=None, null=True)
    look_at = Timestamptz(default=None, null=True)
    executed_at = Timestamptz(default=None, null=True)
    withdrawn_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    withdrawn_at = Timestamptz(default=None, null=True)
    overtaken_at = Timestamptz(default=None, null=True)


class DisputeEvidence(Table, db=DB, tablename="dispute_evidence"):
    """For both sides, the operator and the regulator."""

    id = UUID(primary_key=True, default=None, null=False)
    dispute_id = ForeignKey(Dispute, default=None, null=False, on_delete=OnDelete.restrict)
    side = Text(default=None, null=False)
    file_id = UUID(default=None, null=False)
    added_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    added_at = Timestamptz(default=None, null=False)


class DisputeProposal(Table, db=DB, tablename="dispute_proposal"):
    """How it could end by agreement."""

    id = UUID(primary_key=True, default=None, null=False)
    dispute_id = ForeignKey(Dispute, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    proposer = Text(default=None, null=False)
    refund_fen = BigInt(default=None, null=False)
    reasons = Text(default=None, null=False)
    proposed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    proposed_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    owner_answer = Text(default=None, null=True)
    owner_answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_answered_at = Timestamptz(default=None, null=True)
    agency_answer = Text(default=None, null=True)
    agency_answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_answered_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)


class DisputeTransfer(Table, db=DB, tablename="dispute_transfer"):
    """What the agency says it transferred back, and whether the owner found it."""

    id = UUID(primary_key=True, default=None, null=False)
    dispute_id = ForeignKey(Dispute, default=None, null=False, on_delete=OnDelete.restrict)
    paid_on = Date(default=None, null=False)
    bank_reference = Text(default=None, null=False)
    stated_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    stated_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answer_reason = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
