from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.selection.rounds.tables import SelectionRound
from projects.tables import Project


class Objection(Table, db=DB, tablename="objection"):
    """A party's objection to a result, and the operator's answer."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    raised_by_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    raised_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    grounds = Text(default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    answer_due_at = Timestamptz(default=None, null=False)
    statement_due_at = Timestamptz(default=None, null=True)
    statement = Text(default="", null=False)
    stated_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    stated_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    decision = Text(default=None, null=True)
    remedy = Text(default=None, null=True)
    answer = Text(default="", null=False)
    legal_cause = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
