from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.experts.tables import Expert
from projects.tables import Project


class Tip(Table, db=DB, tablename="tip"):
    """What somebody tells of a breach, and what became of it."""

    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    about = Text(default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=True, on_delete=OnDelete.restrict)
    accused_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    expert_id = ForeignKey(Expert, default=None, null=True, on_delete=OnDelete.restrict)
    act_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    grounds = Text(default=None, null=False)
    told_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    code_sha256 = Text(default=None, null=True)
    form = Text(default=None, null=False)
    told_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    take_up_due_at = Timestamptz(default=None, null=False)
    authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    taken_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    taken_at = Timestamptz(default=None, null=True)
    answer_due_at = Timestamptz(default=None, null=True)
    outcome = Text(default=None, null=True)
    answer = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)


class TipMessage(Table, db=DB, tablename="tip_message"):
    """A question of the authority, or what the teller adds (`written_by` is null)."""

    id = UUID(primary_key=True, default=None, null=False)
    tip_id = ForeignKey(Tip, default=None, null=False, on_delete=OnDelete.restrict)
    written_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    text = Text(default=None, null=False)
    written_at = Timestamptz(default=None, null=False)


class TipFile(Table, db=DB, tablename="tip_file"):
    """Evidence, for the teller and whoever deals with the tip."""

    id = UUID(primary_key=True, default=None, null=False)
    tip_id = ForeignKey(Tip, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False)


class TipHandover(Table, db=DB, tablename="tip_handover"):
    """An authority passed a tip on to another."""

    id = UUID(primary_key=True, default=None, null=False)
    tip_id = ForeignKey(Tip, default=None, null=False, on_delete=OnDelete.restrict)
    from_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    to_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    reason = Text(default=None, null=False)
    handed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    handed_at = Timestamptz(default=None, null=False)
