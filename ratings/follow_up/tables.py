from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.tables import Project


class FollowUp(Table, db=DB, tablename="follow_up"):
    """A closed project that chance named for a call to its owner."""

    project_id = ForeignKey(Project, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    drawn_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    called_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    called_at = Timestamptz(default=None, null=True)
    reached = Boolean(default=None, null=True)
    satisfaction = Integer(default=None, null=True)
    at_odds = Boolean(default=None, null=True)
    remarks = Text(default="", null=False)
