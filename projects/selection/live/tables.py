from __future__ import annotations

from piccolo.columns import UUID, BigInt, ForeignKey, Integer, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.selection.sign_ups.tables import SignUp
from projects.tables import Project


class LiveBid(Table, db=DB, tablename="live_bid"):
    """One bid of a live round, as it came. Never changed, never taken back."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    sign_up_id = ForeignKey(SignUp, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    starts_at = Timestamptz(default=None, null=False)
    no = Integer(default=None, null=False)
    quoted = BigInt(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)
    sent_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)


class LiveBiddingEnd(Table, db=DB, tablename="live_bidding_end"):
    """From here on no bid of this bidding is taken, and what was taken decides."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    starts_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=False)
