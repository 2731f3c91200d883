from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry


class ImportedListUpload(Table, db=DB, tablename="imported_list_upload"):
    id = UUID(primary_key=True, default=None, null=False)
    list = Text(default=None, null=False)
    source = Text(default=None, null=False)
    queried_at = Timestamptz(default=None, null=False)
    file_name = Text(default=None, null=False)
    file_sha256 = Text(default=None, null=False)
    lines = Integer(default=None, null=False)
    merged = Integer(default=None, null=False)
    bad = Integer(default=None, null=False)
    problems = JSONB(default=None, null=False)
    uploaded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    uploaded_at = Timestamptz(default=None, null=False)
    confirmed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    confirmed_at = Timestamptz(default=None, null=True)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    discarded_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    discarded_at = Timestamptz(default=None, null=True)
    added = Integer(default=None, null=True)
    changed = Integer(default=None, null=True)
    gone = Integer(default=None, null=True)
    kept = Integer(default=None, null=True)
    file_id = UUID(default=None, null=True)
    by_program = Boolean(default=False, null=False)
    bytes_read = BigInt(default=0, null=False)
    read_at = Timestamptz(default=None, null=True)
    unreadable = JSONB(default=None, null=True)
    taking_asked_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    taking_asked_for = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    taking_asked_at = Timestamptz(default=None, null=True)
    taking_seen = JSONB(default=None, null=True)
    compared_at = Timestamptz(default=None, null=True)
    taking_refused = JSONB(default=None, null=True)
    foreseen = JSONB(default=None, null=True)
    foreseen_changes = JSONB(default=None, null=True)
    foreseen_at = Timestamptz(default=None, null=True)


class ImportedListStaged(Table, db=DB, tablename="imported_list_staged"):
    """Usable lines of a file that is being read."""

    id = BigInt(primary_key=True, default=None, null=False)
    upload_id = ForeignKey(ImportedListUpload, default=None, null=False, on_delete=OnDelete.restrict)
    line = Integer(default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    entered_on = Date(default=None, null=False)
    until_on = Date(default=None, null=True)
    reading = UUID(default=None, null=False)


class ImportedListLine(Table, db=DB, tablename="imported_list_line"):
    id = UUID(primary_key=True, default=None, null=False)
    upload_id = ForeignKey(ImportedListUpload, default=None, null=False, on_delete=OnDelete.restrict)
    line = Integer(default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    entered_on = Date(default=None, null=False)
    until_on = Date(default=None, null=True)


class ImportedListing(Table, db=DB, tablename="imported_listing"):
    id = UUID(primary_key=True, default=None, null=False)
    list = Text(default=None, null=False)
    source = Text(default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    entered_on = Date(default=None, null=False)
    until_on = Date(default=None, null=True)
    first_upload_id = ForeignKey(ImportedListUpload, default=None, null=False, on_delete=OnDelete.restrict)
    upload_id = ForeignKey(ImportedListUpload, default=None, null=False, on_delete=OnDelete.restrict)
    ended_upload_id = ForeignKey(ImportedListUpload, default=None, null=True, on_delete=OnDelete.restrict)
    began_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
