from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.complaints.tables import Complaint
from ratings.credit.tables import CreditEvent
from ratings.flags.tables import Flag
from ratings.lists.tables import ListEntry
from ratings.tips.tables import Tip


class ConductCase(Table, db=DB, tablename="conduct_case"):
    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    authority_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    violation = Text(default=None, null=False)
    origin = Text(default=None, null=False)
    event_id = ForeignKey(CreditEvent, default=None, null=True, on_delete=OnDelete.restrict)
    flag_id = ForeignKey(Flag, default=None, null=True, on_delete=OnDelete.restrict)
    complaint_id = ForeignKey(Complaint, default=None, null=True, on_delete=OnDelete.restrict)
    tip_id = ForeignKey(Tip, default=None, null=True, on_delete=OnDelete.restrict)
    talk_due_at = Timestamptz(default=None, null=True)
    project_number = Text(default=None, null=True)
    rulebook_version = Text(default=None, null=False)
    facts = Text(default=None, null=False)
    legal_cause = Text(default=None, null=False)
    occurred_on = Date(default=None, null=False)
    recorded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    notice_due_at = Timestamptz(default=None, null=False)
    proposed_measure = Text(default=None, null=True)
    proposed_months = Integer(default=None, null=True)
    notified_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    notified_at = Timestamptz(default=None, null=True)
    defence_due_at = Timestamptz(default=None, null=True)
    decision_due_at = Timestamptz(default=None, null=True)
    hearing_asked_at = Timestamptz(default=None, null=True)
    hearing_at = Timestamptz(default=None, null=True)
    hearing_place = Text(default=None, null=False)
    heard_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    heard_at = Timestamptz(default=None, null=True)
    hearing_minutes = Text(default=None, null=False)
    outcome = Text(default=None, null=True)
    reasons = Text(default=None, null=False)
    safety = Boolean(default=None, null=False)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)
    decision_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    served_at = Timestamptz(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)
    publish_until = Timestamptz(default=None, null=True)
    unpublished_at = Timestamptz(default=None, null=True)
    appeal_due_at = Timestamptz(default=None, null=True)
    appeal = Text(default=None, null=False)
    appealed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    appealed_at = Timestamptz(default=None, null=True)
    appeal_decision_due_at = Timestamptz(default=None, null=True)
    appeal_outcome = Text(default=None, null=True)
    appeal_reasons = Text(default=None, null=False)
    appeal_decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    appeal_decided_at = Timestamptz(default=None, null=True)
    appeal_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)


class ConductCaseFile(Table, db=DB, tablename="conduct_case_file"):
    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(ConductCase, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False, help_text="stored_file")
    step = Text(default=None, null=False)
    added_at = Timestamptz(default=None, null=False)


class ConductCaseProof(Table, db=DB, tablename="conduct_case_proof"):
    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(ConductCase, default=None, null=False, on_delete=OnDelete.restrict)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    added_at = Timestamptz(default=None, null=False)


class ConductCaseStatement(Table, db=DB, tablename="conduct_case_statement"):
    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(ConductCase, default=None, null=False, on_delete=OnDelete.restrict)
    text = Text(default=None, null=False)
    stated_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    stated_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)


class CaseMeasure(Table, db=DB, tablename="case_measure"):
    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(ConductCase, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    months = Integer(default=None, null=True)
    reason = Text(default=None, null=False)
    from_at = Timestamptz(default=None, null=False)
    until_at = Timestamptz(default=None, null=True)
    list_entry_id = ForeignKey(ListEntry, default=None, null=True, on_delete=OnDelete.restrict)
    ended_at = Timestamptz(default=None, null=True)
    ended_why = Text(default=None, null=True)


class CaseRepair(Table, db=DB, tablename="case_repair"):
    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(ConductCase, default=None, null=False, on_delete=OnDelete.restrict)
    correction = Text(default=None, null=False)
    pledge = Text(default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    outcome = Text(default=None, null=True)
    reasons = Text(default=None, null=False)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)


class CaseTalk(Table, db=DB, tablename="case_talk"):
    case_id = ForeignKey(ConductCase, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    talk_at = Timestamptz(default=None, null=False)
    place = Text(default=None, null=False)
    set_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    set_at = Timestamptz(default=None, null=False)
    held_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    held_at = Timestamptz(default=None, null=True)
    present = Text(default=None, null=False)
    minutes = Text(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
