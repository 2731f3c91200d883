from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound


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
        """The entry's bytes as the register publishes them: RFC 8785, times in UTC to the millisecond."""
        body: dict[str, Any] = {
            "v": 1, "id": str(self.id), "at": utc_text(self.at), "kind": self.kind, "subject": self.subject,
            "by": self.by, "data": self.data,
        }  # fmt: skip
        if self.private_digest:
            body["private"] = self.private_digest
        return rfc8785.dumps(body)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


def utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "data": from_json(row["data"])})


async def entry(entry_id: UUID) -> Entry:
    row = await fetch_one("SELECT * FROM register_entry WHERE id = $1", entry_id)
    if row is None:
        raise NotFound
    return _entry(row)


async def history_of(subject: str) -> list[Entry]:
    """All acts on one subject, oldest first."""
    return [_entry(row) for row in await fetch("SELECT * FROM register_entry WHERE subject = $1 ORDER BY written", subject)]


async def entries(kind: str | None, *, before: int | None, limit: int) -> list[Entry]:
    """The newest entries first, optionally of one kind, older than `before` (a `written` number)."""
    rows = await fetch(
        "SELECT * FROM register_entry WHERE ($1::text IS NULL OR kind = $1) AND ($2::bigint IS NULL OR written < $2)"
        " ORDER BY written DESC LIMIT $3",
        kind, before, limit,
    )  # fmt: skip
    return [_entry(row) for row in rows]
