from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry


class ListEntry(Table, db=DB, tablename="list_entry"):
    id = UUID(primary_key=True, default=None, null=False)
    list = Text(default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    reason = Text(default=None, null=False)
    decided_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    evidence_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(default=None, null=False)
    from_at = Timestamptz(default=None, null=False)
    until_at = Timestamptz(default=None, null=False)
    removed_at = Timestamptz(default=None, null=True)
    removed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    removal_reason = Text(default=None, null=False)
