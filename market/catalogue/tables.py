"""Published versions; both tables only grow."""

from __future__ import annotations

from piccolo.columns import JSONB, Text, Timestamptz
from piccolo.table import Table

from market.kernel.db import DB


class CatalogueVersion(Table, db=DB, tablename="catalogue_version"):
    """One published catalogue. `content`: what `/catalogue.json` returns, `sha256` of its canonical JSON."""

    version = Text(primary_key=True, default=None, null=False)
    sha256 = Text(default=None, null=False)
    content = JSONB(default=None, null=False)
    effective_from = Timestamptz(default=None, null=False)
    loaded_at = Timestamptz(default=None, null=False)
    loaded_by = Text(default=None, null=False)


class RulebookVersion(Table, db=DB, tablename="rulebook_version"):
    """One published rulebook; `jurisdiction` is a region code."""

    version = Text(primary_key=True, default=None, null=False)
    jurisdiction = Text(default=None, null=False)
    sha256 = Text(default=None, null=False)
    content = JSONB(default=None, null=False)
    effective_from = Timestamptz(default=None, null=False)
    loaded_at = Timestamptz(default=None, null=False)
    loaded_by = Text(default=None, null=False)
