from __future__ import annotations

from piccolo.columns import UUID, BigInt, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.tables import Project


class SavedFilter(Table, db=DB, tablename="saved_filter"):
    """A filter of one of the desk's tables under a name of one's own."""

    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    view = Text(default=None, null=False)
    name = Text(default=None, null=False)
    query = Text(default=None, null=False)
    saved_at = Timestamptz(default=None, null=False)


class DeskAssignment(Table, db=DB, tablename="desk_assignment"):
    """Who of an authority deals with something."""

    id = UUID(primary_key=True, default=None, null=False)
    authority_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    subject_id = UUID(default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    assigned_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    assigned_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class StepReminder(Table, db=DB, tablename="step_reminder"):
    """An authority reminded whoever was on turn of an overdue step."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    step = Text(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    authority_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    sent_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    sent_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)


class DeskExport(Table, db=DB, tablename="desk_export"):
    """A table as a file, written in the background."""

    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    authority_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    view = Text(default=None, null=False)
    query = Text(default=None, null=False)
    format = Text(default=None, null=False)
    locale = Text(default=None, null=False)
    rows_total = Integer(default=None, null=False)
    rows_done = Integer(default=0, null=False)
    asked_at = Timestamptz(default=None, null=False)
    finished_at = Timestamptz(default=None, null=True)
    size = BigInt(default=None, null=True)
    expires_at = Timestamptz(default=None, null=True)
    deleted_at = Timestamptz(default=None, null=True)
