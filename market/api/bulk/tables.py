from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB


class BulkRun(Table, db=DB, tablename="bulk_run"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    name = Text(default=None, null=False)
    columns = Array(base_column=Text(), default=None, null=False)
    sent_at = Timestamptz(default=None, null=False)
    tried_at = Timestamptz(default=None, null=True)
    publish = Boolean(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)
    finished_at = Timestamptz(default=None, null=True)


class BulkRow(Table, db=DB, tablename="bulk_row"):
    id = UUID(primary_key=True, default=None, null=False)
    run_id = ForeignKey(BulkRun, default=None, null=False, on_delete=OnDelete.restrict)
    line = Integer(default=None, null=False)
    values = JSONB(default=None, null=False)
    errors = JSONB(default=None, null=True)
    outcome = Text(default=None, null=True)
    href = Text(default=None, null=False)
    said = JSONB(default=None, null=True)
