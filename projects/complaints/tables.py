from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.contracts.tables import SigningHold
from projects.selection.objections.tables import Objection
from projects.tables import Project


class Complaint(Table, db=DB, tablename="complaint"):
    """A complaint to the regulator about the answer to an objection, and what became of it."""

    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    objection_id = ForeignKey(Objection, default=None, null=False, on_delete=OnDelete.restrict)
    complainant_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    standing = Text(default=None, null=False)
    grounds = Text(default=None, null=False)
    request = Text(default=None, null=False)
    filed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    filed_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    hold_id = ForeignKey(SigningHold, default=None, null=True, on_delete=OnDelete.restrict)
    authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    acceptance_due_at = Timestamptz(default=None, null=False)
    returned_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    returned_at = Timestamptz(default=None, null=True)
    return_reason = Text(default="", null=False)
    correction_due_at = Timestamptz(default=None, null=True)
    correction = Text(default="", null=False)
    corrected_at = Timestamptz(default=None, null=True)
    accepted_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    accepted_at = Timestamptz(default=None, null=True)
    decision_due_at = Timestamptz(default=None, null=True)
    extended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    extended_at = Timestamptz(default=None, null=True)
    extension_reason = Text(default="", null=False)
    refused_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    refused_at = Timestamptz(default=None, null=True)
    refusal_reason = Text(default="", null=False)
    withdrawn_at = Timestamptz(default=None, null=True)
    decision = Text(default=None, null=True)
    remedy = Text(default=None, null=True)
    excluded_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    legal_cause = Text(default="", null=False)
    rule = Text(default="", null=False)
    reasons = Text(default="", null=False)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)


class ComplaintFile(Table, db=DB, tablename="complaint_file"):
    """Evidence, for the complainant, the regulator and the operator."""

    id = UUID(primary_key=True, default=None, null=False)
    complaint_id = ForeignKey(Complaint, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False)
