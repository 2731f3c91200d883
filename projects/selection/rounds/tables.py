from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation
from market.kernel.db import DB
from projects.tables import Project


class SelectionRound(Table, db=DB, tablename="selection_round"):
    """One draw, from the commitment to its beacon round to the published dossier."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    purpose = Text(default=None, null=False)
    cause = Text(default=None, null=False)
    committed_at = Timestamptz(default=None, null=False)
    deadline = Timestamptz(default=None, null=False)
    method = Text(default="draw", null=False)
    beacon_chain = Text(default=None, null=True)
    beacon_round = BigInt(default=None, null=True)
    salt = Text(default=None, null=True)
    opened_at = Timestamptz(default=None, null=True)
    superseded_at = Timestamptz(default=None, null=True)
    frozen_at = Timestamptz(default=None, null=True)
    pool_sha256 = Text(default=None, null=True)
    pool = JSONB(default=None, null=True)
    excluded = JSONB(default=None, null=True)
    drawn_at = Timestamptz(default=None, null=True)
    signature = Text(default=None, null=True)
    winner_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    dossier = Bytea(default=None, null=True)
    annulled_at = Timestamptz(default=None, null=True)
    annulment_reason = Text(default="", null=False)


class EligibilitySnapshot(Table, db=DB, tablename="eligibility_snapshot"):
    """Why one agency was (not) eligible at the moment the pool froze."""

    id = UUID(primary_key=True, default=None, null=False)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    eligible = Boolean(default=None, null=False)
    lines = JSONB(default=None, null=False)
