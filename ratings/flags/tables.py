from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import JSONB
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry


class Flag(Table, db=DB, tablename="flag"):
    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    screen = Text(default=None, null=False)
    version = Integer(default=None, null=False)
    rulebook_version = Text(default=None, null=False)
    key = Text(default=None, null=False)
    regions = Array(base_column=Text(), default=None, null=False)
    departments = Array(base_column=Text(), default=None, null=False)
    score = Integer(default=None, null=False)
    text = Text(default=None, null=False)
    facts = JSONB(default=None, null=False)
    figures = JSONB(default=None, null=False)
    rows = JSONB(default=None, null=False)
    projects = Array(base_column=Text(), default=None, null=False)
    evidence = Array(base_column=BigInt(), default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    found_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    authority_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    taken_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    taken_at = Timestamptz(default=None, null=True)
    outcome = Text(default=None, null=True)
    reason = Text(default=None, null=False)
    decision_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    closed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    closed_at = Timestamptz(default=None, null=True)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)


class FlagParty(Table, db=DB, tablename="flag_party"):
    id = UUID(primary_key=True, default=None, null=False)
    flag_id = ForeignKey(Flag, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)


class FlagQuestion(Table, db=DB, tablename="flag_question"):
    id = UUID(primary_key=True, default=None, null=False)
    flag_id = ForeignKey(Flag, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    question = Text(default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    answer_due_at = Timestamptz(default=None, null=False)
    answer = Text(default=None, null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)


class FlagSweep(Table, db=DB, tablename="flag_sweep"):
    day = Date(primary_key=True, default=None, null=False)
    swept_at = Timestamptz(default=None, null=False)
    cases = Integer(default=None, null=False)


class FlagRateReport(Table, db=DB, tablename="flag_rate_report"):
    id = UUID(primary_key=True, default=None, null=False)
    screen = Text(default=None, null=False)
    version = Integer(default=None, null=False)
    fired = Integer(default=None, null=False)
    cases = Integer(default=None, null=False)
    most = Integer(default=None, null=False)
    since_on = Date(default=None, null=False)
    told_at = Timestamptz(default=None, null=False)
