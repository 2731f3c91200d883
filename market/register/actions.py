"""Writing to the register: always inside the transaction of the act that is recorded."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import execute, require_transaction
from market.kernel.ids import new_id
from market.kernel.jobs import defer, defer_all
from market.register.acts import NAMES, subscribers
from market.register.canonical import storable

_ENTRY = "INSERT INTO register_entry (id, at, kind, subject, by, data, private_digest) VALUES ($1,$2,$3,$4,$5,$6,$7)"
_PRIVATE = "INSERT INTO register_private (entry_id, salt, facts) VALUES ($1, $8, $9)"

_noted: ContextVar[list[UUID] | None] = ContextVar("entries recorded by this request", default=None)


@contextmanager
def noting_entries() -> Iterator[list[UUID]]:
    """Within the block the ids of recorded entries are noted, in the order of recording. Those of a transaction that was
    rolled back stand among them."""
    noted: list[UUID] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note_entries(ids: Sequence[UUID]) -> None:
    """Notes entries that another task recorded for this request."""
    noted = _noted.get()
    if noted is not None:
        noted.extend(ids)


async def record(
    kind: str,
    *,
    subject: str,
    by: str,
    data: Mapping[str, Any],
    at: datetime,
    private: Mapping[str, Any] | None = None,
) -> UUID:
    """Appends one entry and returns its id. `subject`: project number, organisation code, …; `by`: organisation code
    or role; `data`: public facts without personal data; `private`: enters only as a salted digest. Raises ValueError for
    facts that canonical JSON cannot say."""
    require_transaction()
    if kind not in NAMES:
        raise ValueError(f"{kind} has no name in market.register.acts.NAMES")
    entry_id = new_id()
    values = (entry_id, at, kind, subject, by, storable(dict(data)))
    if private:
        salt, facts = secrets.token_hex(16), storable(dict(private))
        digest = hashlib.sha256((salt + facts).encode()).hexdigest()
        await execute(f"WITH entry AS ({_ENTRY}) {_PRIVATE}", *values, digest, salt, facts)
    else:
        await execute(_ENTRY, *values, None)
    await defer_all(subscribers(kind), entry_id=str(entry_id))
    note_entries([entry_id])
    return entry_id


@dataclass(frozen=True)
class NewEntry:
    """What `record` takes, for many entries at once."""

    kind: str
    subject: str
    by: str
    data: Mapping[str, Any]
    at: datetime
    private: Mapping[str, Any]


_ALL = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[]) AS g(id, at, kind, subject, by, data, digest, salt, facts)),
entry AS (INSERT INTO register_entry (id, at, kind, subject, by, data, private_digest)
          SELECT id, at, kind, subject, by, data::jsonb, digest FROM given)
INSERT INTO register_private (entry_id, salt, facts) SELECT id, salt, facts::jsonb FROM given
"""


async def record_all(acts: Sequence[NewEntry]) -> list[UUID]:
    """Appends entries that each keep something private, in one statement; their ids in the order given."""
    require_transaction()
    if not acts:
        return []
    rows = [_row(act) for act in acts]
    await execute(_ALL, *(list(column) for column in zip(*rows, strict=True)))
    for act, row in zip(acts, rows, strict=True):
        for job_name in subscribers(act.kind):
            await defer(job_name, entry_id=str(row[0]))
    ids = [row[0] for row in rows]
    note_entries(ids)
    return ids


def _row(act: NewEntry) -> tuple[Any, ...]:
    if act.kind not in NAMES:
        raise ValueError(f"{act.kind} has no name in market.register.acts.NAMES")
    salt, facts = secrets.token_hex(16), storable(dict(act.private))
    digest = hashlib.sha256((salt + facts).encode()).hexdigest()
    return new_id(), act.at, act.kind, act.subject, act.by, storable(dict(act.data)), digest, salt, facts


async def erase_private(entry_id: UUID) -> bool:
    """Erases what an entry keeps private, and the salt with it: the digest in the register then says nothing about
    anybody, and every proof stays as it was. False when nothing was left."""
    require_transaction()
    return bool(await execute("DELETE FROM register_private WHERE entry_id = $1", entry_id))
