from __future__ import annotations

from typing import Any

from piccolo.columns import JSONB, UUID, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from projects.contracts.tables import Contract
from projects.fulfilment.tables import Delivery


class ReportVerdict(Table, db=DB, tablename="report_verdict"):
    """What an approval authority said about a delivered report, or a correction of that."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    delivery_id = ForeignKey(Delivery, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    outcome = Text(default=None, null=False)
    authority = Text(default=None, null=False)
    document_number = Text(default=None, null=False)
    decided_on = Date(default=None, null=False)
    reasons = JSONB(default="[]", null=False)
    file_id = UUID(default=None, null=True)
    corrects_id: ForeignKey[Any] = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    correction_reason = Text(default="", null=False)
    recorded_for = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    recorded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz(default=None, null=False)
