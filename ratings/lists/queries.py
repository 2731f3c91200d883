"""Reading the red and the restricted list: who stands there, and how that came about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from ratings.lists.rules import Change, ListEntry

PAGE = 20

_ENTRY = """
SELECT l.id, l.list, l.organisation_id, o.code, o.name, o.region_code, l.reason, l.decided_at, l.from_at, l.until_at,
       l.removed_at, l.removal_reason, l.evidence_id, r.written AS evidence_no
FROM list_entry l JOIN organisation o ON o.id = l.organisation_id JOIN register_entry r ON r.id = l.evidence_id
"""


def _entries(rows: list[dict[str, Any]]) -> list[ListEntry]:
    return [ListEntry(**row) for row in rows]


async def standing_entries(list_name: str, now: datetime) -> list[ListEntry]:
    """Who stands on the list now or is on public notice for it, newest first."""
    return _entries(await fetch(
        f"{_ENTRY} WHERE l.list = $1 AND l.removed_at IS NULL AND l.until_at > $2 ORDER BY l.decided_at DESC, o.code",
        list_name, now,
    ))  # fmt: skip


# Onto the red list leads a public notice first; the end of a term is a removal like any other.
_CHANGES = """
WITH entry AS (
    SELECT l.*, o.code, o.name, r.written AS evidence_no,
           l.list = 'red' OR (l.removed_at IS NULL AND l.until_at > $2) AS named
    FROM list_entry l JOIN organisation o ON o.id = l.organisation_id JOIN register_entry r ON r.id = l.evidence_id
    WHERE l.list = $1
), change AS (
    SELECT 'proposed' AS what, decided_at AS at, id, reason FROM entry WHERE from_at > decided_at
    UNION ALL SELECT 'entered', from_at, id, reason FROM entry
        WHERE from_at <= $2 AND (removed_at IS NULL OR removed_at > from_at OR from_at = decided_at)
    UNION ALL SELECT 'left', removed_at, id, removal_reason FROM entry WHERE removed_at IS NOT NULL
)
SELECT c.what, c.at, e.list, CASE WHEN e.named THEN e.code ELSE '' END AS code, CASE WHEN e.named THEN e.name ELSE '' END AS name,
       c.reason, CASE WHEN e.named THEN e.evidence_id END AS evidence_id, CASE WHEN e.named THEN e.evidence_no END AS evidence_no
FROM change c JOIN entry e ON e.id = c.id
"""


async def count_changes(list_name: str, now: datetime) -> int:
    count: int = await fetch_value(f"SELECT count(*) FROM ({_CHANGES}) x", list_name, now)
    return count


async def changes(list_name: str, now: datetime, *, page: int | None = None) -> list[Change]:
    """Every change of a list, the latest first: 20 of a page, or all of them."""
    window = "" if page is None else f" LIMIT {PAGE} OFFSET {(page - 1) * PAGE}"
    rows = await fetch(f"{_CHANGES} ORDER BY c.at DESC, c.what, c.id{window}", list_name, now)
    return [Change(**row) for row in rows]


async def entries_of(organisation_id: UUID) -> list[ListEntry]:
    """All entries of one organisation, newest first, past ones too."""
    return _entries(
        await fetch(f"{_ENTRY} WHERE l.organisation_id = $1 ORDER BY l.decided_at DESC, l.id", organisation_id)
    )


async def unremoved_entry(list_name: str, organisation_id: UUID) -> ListEntry | None:
    """The entry that stands or is on notice. Inside a transaction that changes it, the caller holds the account."""
    row = await fetch_one(
        f"{_ENTRY} WHERE l.list = $1 AND l.organisation_id = $2 AND l.removed_at IS NULL", list_name, organisation_id
    )
    return ListEntry(**row) if row else None


async def entry(entry_id: UUID) -> ListEntry:
    row = await fetch_one(f"{_ENTRY} WHERE l.id = $1", entry_id)
    if row is None:
        raise NotFound
    return ListEntry(**row)
