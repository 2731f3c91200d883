from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, ForeignKey, Integer, SmallInt, Text, Timestamptz
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


class RegisterWaiting(Table, db=DB, tablename="register_waiting"):
    """Numbers of entries that have no leaf yet; a trigger fills it."""

    written = BigInt(primary_key=True, default=None, null=False)


class RegisterLeaf(Table, db=DB, tablename="register_leaf"):
    leaf = BigInt(primary_key=True, default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    leaf_hash = Bytea(default=None, null=False)


class RegisterSubtree(Table, db=DB, tablename="register_subtree"):
    """Hash over each complete run of 256 ** level leaves. (Its key is level and no together.)"""

    level = SmallInt(primary_key=True, default=None, null=False)
    no = BigInt(default=None, null=False)
    hash = Bytea(default=None, null=False)


class RegisterCheckpoint(Table, db=DB, tablename="register_checkpoint"):
    size = BigInt(primary_key=True, default=None, null=False)
    root = Bytea(default=None, null=False)
    note = Text(default=None, null=False)
    signed_at = Timestamptz(default=None, null=False)


class RegisterKey(Table, db=DB, tablename="register_key"):
    no = Integer(primary_key=True, default=None, null=False)
    vkey = Text(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)


class RegisterWitness(Table, db=DB, tablename="register_witness"):
    """An institution whose cosignatures are taken in."""

    id = UUID(primary_key=True, default=None, null=False)
    vkey = Text(default=None, null=False)
    title = Text(default=None, null=False)
    added_at = Timestamptz(default=None, null=False)


class RegisterCosignature(Table, db=DB, tablename="register_cosignature"):
    id = UUID(primary_key=True, default=None, null=False)
    size = ForeignKey(RegisterCheckpoint, default=None, null=False, on_delete=OnDelete.restrict)
    witness_id = ForeignKey(RegisterWitness, default=None, null=False, on_delete=OnDelete.restrict)
    line = Text(default=None, null=False)
    cosigned_at = Timestamptz(default=None, null=False)
