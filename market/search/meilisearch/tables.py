"""The tables behind a search server, as market/kernel/migrations make them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.kernel.db import DB


class SearchIndex(Table, db=DB, tablename="search_index"):
    """A kind that a server was set up for."""

    kind = Text(primary_key=True, default=None, null=False)
    building = Text(default=None, null=True)
    retired = Text(default=None, null=True)
    retired_at = Timestamptz(default=None, null=True)
    built_at = Timestamptz(default=None, null=True)
    broken = Text(default=None, null=False)
    broken_at = Timestamptz(default=None, null=True)
    compared_at = Timestamptz(default=None, null=True)


class SearchLease(Table, db=DB, tablename="search_lease"):
    """Who works on a kind at present."""

    kind = Text(primary_key=True, default=None, null=False)
    holder = UUID(default=None, null=True)
    until = Timestamptz(default=None, null=True)
    failures = Integer(default=None, null=False)
    retry_at = Timestamptz(default=None, null=True)
    looked_at = Timestamptz(default=None, null=True)
    problem = Text(default=None, null=False)


class SearchBatch(Table, db=DB, tablename="search_batch"):
    """What was sent and is not known to be done."""

    id = UUID(primary_key=True, default=None, null=False)
    kind = ForeignKey(SearchIndex, default=None, null=False, on_delete=OnDelete.restrict)
    tasks = Array(base_column=BigInt(), default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)


class SearchOutbox(Table, db=DB, tablename="search_outbox"):
    """Things that changed."""

    id = BigInt(primary_key=True, default=None, null=False)
    kind = ForeignKey(SearchIndex, default=None, null=False, on_delete=OnDelete.restrict)
    entity_id = Text(default=None, null=False)
    target = Text(default=None, null=False)
    noted_at = Timestamptz(default=None, null=False)
    batch_id = ForeignKey(SearchBatch, default=None, null=True, on_delete=OnDelete.restrict)


class SearchRefused(Table, db=DB, tablename="search_refused"):
    """What the server would not take; its key is (kind, entity_id)."""

    kind = ForeignKey(SearchIndex, default=None, null=False, on_delete=OnDelete.restrict)
    entity_id = Text(primary_key=True, default=None, null=False)
    reason = Text(default=None, null=False)
    refused_at = Timestamptz(default=None, null=False)
