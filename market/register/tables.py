from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.kernel.db import DB


class RegisterEntry(Table, db=DB, tablename="register_entry"):
    """One legal act, as the public may read it for ever."""

    id = UUID(primary_key=True, default=None, null=False)
    written = BigInt(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    kind = Text(default=None, null=False)
    subject = Text(default=None, null=False)
    by = Text(default=None, null=False)
    data = JSONB(default=None, null=False)
    private_digest = Text(default=None, null=True)


class RegisterPrivate(Table, db=DB, tablename="register_private"):
    entry_id = ForeignKey(RegisterEntry, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    salt = Text(default=None, null=False)
    facts = JSONB(default=None, null=False)
