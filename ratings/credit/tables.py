from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation
from market.kernel.db import DB
from market.register.tables import RegisterEntry


class CreditEvent(Table, db=DB, tablename="credit_event"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    points = Integer(default=None, null=False, help_text="hundredths")
    rulebook_version = Text(default=None, null=False)
    rule = Text(default=None, null=False)
    occurred_at = Timestamptz(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    valid_until = Timestamptz(default=None, null=False)
    evidence_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    project_number = Text(default=None, null=True)
    cancels: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)


class CreditAccount(Table, db=DB, tablename="credit_account"):
    organisation_id = ForeignKey(Organisation, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    points = Integer(default=None, null=False, help_text="hundredths")
    computed_at = Timestamptz(default=None, null=False)
    next_change_at = Timestamptz(default=None, null=True)
