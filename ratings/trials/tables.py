from __future__ import annotations

from piccolo.columns import JSONB, UUID, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Person
from market.kernel.db import DB


class CreditTrial(Table, db=DB, tablename="credit_trial"):
    id = UUID(primary_key=True, default=None, null=False)
    numbers = JSONB(default=None, null=False)
    rulebook_version = Text(default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    agencies = Integer(default=0, null=False)
    done = Integer(default=0, null=False)
    summary = JSONB(default=None, null=True)
    moves = JSONB(default=None, null=True)
    finished_at = Timestamptz(default=None, null=True)
