from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from agencies.tables import AgencyPractitioner
from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from projects.contracts.tables import Contract, ContractMilestone


class Delivery(Table, db=DB, tablename="delivery"):
    """One delivery of result files, with the owner's answer to it."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    milestone_id = ForeignKey(ContractMilestone, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    statement = Text(default=None, null=False)
    practitioner_id = ForeignKey(AgencyPractitioner, default=None, null=True, on_delete=OnDelete.restrict)
    delivered_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    delivered_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    late_days = Integer(default=None, null=False)
    answer_due_at = Timestamptz(default=None, null=False)
    reminded = Integer(default=0, null=False)
    remind_at = Timestamptz(default=None, null=True)
    decision = Text(default=None, null=True)
    reasons = JSONB(default="[]", null=False)
    correction_due_at = Timestamptz(default=None, null=True)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)


class DeliveryFile(Table, db=DB, tablename="delivery_file"):
    id = UUID(primary_key=True, default=None, null=False)
    delivery_id = ForeignKey(Delivery, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False)


class AcceptancePause(Table, db=DB, tablename="acceptance_pause"):
    """The owner's time to answer the deliveries of a milestone stands still."""

    id = UUID(primary_key=True, default=None, null=False)
    milestone_id = ForeignKey(ContractMilestone, default=None, null=False, on_delete=OnDelete.restrict)
    reference = Text(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)


class Asked:
    """What one side of a contract asked for, and the other's answer."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    side = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    answer_due_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=True)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    answer_reason = Text(default="", null=False)


class ClockChange(Asked, Table, db=DB, tablename="clock_change"):
    """What was asked about the time of a milestone: a stop of its clock, or more days."""

    milestone_id = ForeignKey(ContractMilestone, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    cause = Text(default="", null=False)
    days = Integer(default=None, null=True)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    ended_at = Timestamptz(default=None, null=True)
    due_before = Timestamptz(default=None, null=True)
    due_after = Timestamptz(default=None, null=True)
    revoked_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    revoked_at = Timestamptz(default=None, null=True)
    revoke_reason = Text(default="", null=False)


class AgendaFeed(Table, db=DB, tablename="agenda_feed"):
    """The secret part of the address of an organisation's calendar file."""

    organisation_id = ForeignKey(Organisation, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    nonce = Text(default=None, null=False, secret=True)
    made_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)


class ContractTermination(Asked, Table, db=DB, tablename="contract_termination"):
    """A request to end a contract in force, and the answer to it."""

    cause = Text(default=None, null=False)
    settlement_fen = BigInt(default=None, null=False)
