"""Reading the register. Everybody may read every entry; private facts are no part of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.register.canonical import canonical

LARGEST_ENTRY = 65_535  # what a bundle of the log can hold


@dataclass(frozen=True)
class Entry:
    id: UUID
    written: int
    at: datetime
    kind: str
    subject: str
    by: str
    data: dict[str, Any]
    private_digest: str | None

    def canonical(self) -> bytes:
        """The entry's bytes as the register publishes them: RFC 8785, times in UTC to the millisecond. These are the
        leaf of the log, which holds 65,535 bytes: larger facts stand in it by their SHA-256."""
        whole = self._whole()
        if len(whole) <= LARGEST_ENTRY:
            return whole
        return canonical(self._head() | {"data_sha256": hashlib.sha256(canonical(self.data)).hexdigest()})

    @property
    def stands_by_digest(self) -> bool:
        """Whether the facts are too large for the log, so that only their SHA-256 is in it."""
        return len(self._whole()) > LARGEST_ENTRY

    def _whole(self) -> bytes:
        return canonical(self._head() | {"data": self.data})

    def _head(self) -> dict[str, Any]:
        head: dict[str, Any] = {
            "v": 1, "id": str(self.id), "at": utc_text(self.at), "kind": self.kind, "subject": self.subject,
            "by": self.by,
        }  # fmt: skip
        return head | {"private": self.private_digest} if self.private_digest else head

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


def utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entry_of(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "data": from_json(row["data"])})


async def entry(entry_id: UUID) -> Entry:
    row = await fetch_one("SELECT * FROM register_entry WHERE id = $1", entry_id)
    if row is None:
        raise NotFound
    return entry_of(row)


async def history_of(subject: str) -> list[Entry]:
    """All acts on one subject, oldest first."""
    rows = await fetch("SELECT * FROM register_entry WHERE subject = $1 ORDER BY written", subject)
    return [entry_of(row) for row in rows]


async def entries(
    kind: str | None, *, subject: str | None = None, before: int | None = None, limit: int
) -> list[Entry]:
    """The newest entries first, optionally of one kind or subject, older than `before` (a `written` number)."""
    rows = await fetch(
        "SELECT * FROM register_entry WHERE ($1::text IS NULL OR kind = $1) AND ($2::bigint IS NULL OR written < $2)"
        " AND ($4::text IS NULL OR subject = $4) ORDER BY written DESC LIMIT $3",
        kind, before, limit, subject,
    )  # fmt: skip
    return [entry_of(row) for row in rows]


async def kinds() -> list[str]:
    """Which kinds of acts there are so far. One step in the index for each kind, however many entries there are."""
    rows = await fetch(
        "WITH RECURSIVE k AS ((SELECT kind FROM register_entry ORDER BY kind LIMIT 1) UNION ALL"
        " SELECT (SELECT kind FROM register_entry WHERE kind > k.kind ORDER BY kind LIMIT 1) FROM k WHERE k.kind IS NOT NULL)"
        " SELECT kind FROM k WHERE kind IS NOT NULL"
    )
    return [row["kind"] for row in rows]
