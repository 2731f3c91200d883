from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.tables import Project


class RatingWindow(Table, db=DB, tablename="rating_window"):
    project_id = ForeignKey(Project, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    owner_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    opened_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    revealed_at = Timestamptz(default=None, null=True)


class Rating(Table, db=DB, tablename="rating"):
    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    side = Text(default=None, null=False)
    rater_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    rated_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    marks = JSONB(default=None, null=False)
    overall = Integer(default=None, null=False, help_text="hundredths of a star")
    reasons = Text(default=None, null=False)
    affiliated = Boolean(default=None, null=False)
    rated_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    rated_at = Timestamptz(default=None, null=False)
    revealed_at = Timestamptz(default=None, null=True)
    revealed_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    reply_due_at = Timestamptz(default=None, null=True)
    reply = Text(default=None, null=False)
    replied_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    replied_at = Timestamptz(default=None, null=True)
    settled_at = Timestamptz(default=None, null=True)
    struck_at = Timestamptz(default=None, null=True)
    struck_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    struck_reason = Text(default="", null=False)
    struck_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    struck_decision = Text(default="", null=False, help_text="number of the case, complaint or tip")


class RatingRestored(Table, db=DB, tablename="rating_restored"):
    id = UUID(primary_key=True, default=None, null=False)
    rating_id = ForeignKey(Rating, default=None, null=False, on_delete=OnDelete.restrict)
    decision = Text(default=None, null=False)
    struck_at = Timestamptz(default=None, null=False)
    struck_entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    restored_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
