"""Entries of the market's own lists, as they can be found by searching while they stand."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from market.search.announcements import announced
from ratings.announced import NAMED, Source

LISTING: Final = "listing"
_SELECT: Final = f"""
SELECT l.id, l.list AS what, '' AS number, l.reason, '' AS body, l.decided_at AS at, l.until_at AS until, o.code, o.name,
       o.region_code, '' AS authority
FROM list_entry l JOIN organisation o ON o.id = l.organisation_id WHERE l.removed_at IS NULL AND {NAMED}
"""


async def tell_of_listing(entry_id: UUID) -> None:
    """In the transaction that puts somebody on a list or takes them off it."""
    await announced(LISTING, str(entry_id))


Source(
    LISTING, _SELECT, "l.id", "l.organisation_id", lambda row: str(row["reason"]), lambda row: f"/lists?name={row['what']}"
).register()  # fmt: skip
