from __future__ import annotations

from piccolo.columns import UUID, Date, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry


class Honour(Table, db=DB, tablename="honour"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    level = Text(default=None, null=False)
    title = Text(default=None, null=False)
    issuer = Text(default=None, null=False)
    certificate = Text(default=None, null=False)
    awarded_on = Date(default=None, null=False)
    file_id = UUID(default=None, null=False, help_text="stored_file")
    proposed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    proposed_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    outcome = Text(default=None, null=True)
    reason = Text(default="", null=False)
    authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=True)
    decision_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    withdrawing_authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    withdrawn_reason = Text(default="", null=False)
    withdrawal_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
