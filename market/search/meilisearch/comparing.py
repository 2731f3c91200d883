"""Once a night: does the server hold what there is? The outbox loses nothing, but a server may be set back by a backup."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, transaction
from market.search.kinds import Kind
from market.search.meilisearch import indexes, outbox
from market.search.meilisearch.client import Server
from market.search.meilisearch.documents import KEY, as_json, index_of, key_of
from market.search.meilisearch.leases import held

EVERY: Final = timedelta(days=1)
SAMPLES: Final = 500
PATIENCE: Final = 30.0


@dataclass(frozen=True)
class Comparison:
    """Ids that the server lacks or has as they were, `stale` of those looked at only; keys that it has too many."""

    there_are: int
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    stale: tuple[str, ...]
    looked_at: int

    @property
    def differing(self) -> int:
        return len(self.missing) + len(self.surplus) + len(self.stale)


async def compare(server: Server, kind: Kind, *, samples: int | None = SAMPLES) -> Comparison:
    """All ids, and whole documents of a sample (None: of all). What is missing or stale is noted to be sent again, what is
    too many is removed; what changes in this moment may be among it, and then is sent twice. Raises ServerProblem, Taken."""
    held_there = await _held(server, index_of(kind.name))
    there = await _ids(kind.name)
    refused = {
        row["entity_id"] for row in await fetch("SELECT entity_id FROM search_refused WHERE kind = $1", kind.name)
    }
    both = sorted(there[key] for key in held_there.keys() & there.keys())
    looked_at = both if samples is None or len(both) <= samples else random.sample(both, samples)
    found = Comparison(
        len(there), tuple(sorted({there[key] for key in there.keys() - held_there.keys()} - refused)),
        tuple(sorted(held_there.keys() - there.keys())), await _stale(kind, looked_at, held_there), len(looked_at),
    )  # fmt: skip
    await outbox.note(kind.name, (*found.missing, *found.stale))
    await _remove(server, kind.name, found.surplus)
    async with transaction():
        await execute("UPDATE search_index SET compared_at = $2 WHERE kind = $1", kind.name, wall_now())
    return found


async def _ids(kind: str) -> dict[str, str]:
    """key -> id of everything that can be found."""
    return {key_of(row["id"]): row["id"] for row in await fetch("SELECT id FROM search_document WHERE kind = $1", kind)}


async def _held(server: Server, uid: str) -> dict[str, str]:
    found: dict[str, str] = {}
    offset = 0
    while part := await indexes.digests(server, uid, offset=offset):
        found |= part
        offset += indexes.BATCH
    return found


async def _remove(server: Server, kind: str, surplus: Sequence[str]) -> None:
    """While no worker sends: what came to be meanwhile stays. Nobody's documents have ids that we could look up."""
    if not surplus:
        return
    async with held(kind, patience=PATIENCE):
        there = await _ids(kind)
        await indexes.remove_keys(server, index_of(kind), [key for key in surplus if key not in there])


async def _stale(kind: Kind, ids: Sequence[str], held_there: dict[str, str]) -> tuple[str, ...]:
    stale: list[str] = []
    for start in range(0, len(ids), indexes.BATCH):
        documents = [as_json(one) async for one in kind.documents(ids[start : start + indexes.BATCH])]
        stale += [one["id"] for one in documents if one["digest"] != held_there[one[KEY]]]
    return tuple(stale)


async def due(now: datetime) -> list[str]:
    """Not while attempts to reach the server pause."""
    rows = await fetch(
        "SELECT i.kind FROM search_index i LEFT JOIN search_lease l ON l.kind = i.kind"
        " WHERE i.built_at IS NOT NULL AND i.broken = '' AND (l.retry_at IS NULL OR l.retry_at <= $1)"
        " AND greatest(i.compared_at, i.built_at) <= $1::timestamptz - $2::interval",
        now, EVERY,
    )  # fmt: skip
    return [row["kind"] for row in rows]
