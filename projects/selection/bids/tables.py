from __future__ import annotations

from piccolo.columns import UUID, BigInt, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.selection.sign_ups.tables import SignUp
from projects.tables import Project


class SealedBid(Table, db=DB, tablename="sealed_bid"):
    """A bid that nobody can read before its beacon round; its text is erased where it is never opened."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    sign_up_id = ForeignKey(SignUp, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    nonce = Text(default=None, null=False)
    beacon_chain = Text(default=None, null=False)
    beacon_round = BigInt(default=None, null=False)
    ciphertext = Text(default=None, null=True)
    ciphertext_sha256 = Text(default=None, null=False)
    sealed_by = Text(default=None, null=False)
    proposal_file_id = UUID(default=None, null=True)
    sent_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    received_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    opened_at = Timestamptz(default=None, null=True)
    quoted = BigInt(default=None, null=True)
    fault = Text(default=None, null=True)
