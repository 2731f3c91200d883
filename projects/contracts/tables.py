from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from projects.selection.tables import SelectionRound
from projects.tables import Project


class Contract(Table, db=DB, tablename="contract"):
    """The contract of one award, from its draft to both signatures."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    number = Text(default=None, null=False)
    owner_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    price_fen = BigInt(default=None, null=False)
    terms = JSONB(default=None, null=False)
    terms_sha256 = Text(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    sign_due_at = Timestamptz(default=None, null=False)
    owner_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_signed_at = Timestamptz(default=None, null=True)
    agency_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_signed_at = Timestamptz(default=None, null=True)
    in_force_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="", null=False)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    delivery_due_at = Timestamptz(default=None, null=True)
