"""The tables of search, as market/kernel/migrations make them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Column, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB


class Terms(Column):
    """tsvector, which Piccolo has no column for."""

    column_type = "TSVECTOR"


class SearchDocument(Table, db=DB, tablename="search_document"):
    """One thing that can be found; its key is (kind, id)."""

    kind = Text(default=None, null=False)
    id = Text(primary_key=True, default=None, null=False)
    visibility = Text(default=None, null=False)
    title = Text(default=None, null=False)
    named = Text(default=None, null=False)
    service = Text(default=None, null=False)
    company = Text(default=None, null=False)
    all_text = Text(default=None, null=False)
    syllables = Text(default=None, null=False)
    initials = Text(default=None, null=False)
    regions = Text(default=None, null=False)
    service_classes = Text(default=None, null=False)
    service_items = Text(default=None, null=False)
    method = Text(default=None, null=False)
    stage = Text(default=None, null=False)
    outcome = Text(default=None, null=False)
    band = Text(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    published_at = Timestamptz(default=None, null=True)
    deadline = Timestamptz(default=None, null=True)
    terms = Terms(default=None, null=False)


class SavedSearch(Table, db=DB, tablename="saved_search"):
    """A search that a person keeps; `asked`: its address without the page."""

    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    name = Text(default=None, null=False)
    asked = Text(default=None, null=False)
    seen_until = Timestamptz(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)


class SavedSearchHit(Table, db=DB, tablename="saved_search_hit"):
    """What was told of a saved search; its key is (search, document)."""

    search_id = ForeignKey(SavedSearch, default=None, null=False, on_delete=OnDelete.restrict)
    document_id = Text(primary_key=True, default=None, null=False)
    told_at = Timestamptz(default=None, null=False)
