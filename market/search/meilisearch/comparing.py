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
from market.search.meilisearch.documents import as_json, index_of

EVERY: Final = timedelta(days=1)
SAMPLES: Final = 500


@dataclass(frozen=True)
class Comparison:
    """Ids that the server lacks, has too many, or has as they were. `stale` of those looked at only."""

    there_are: int
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    stale: tuple[str, ...]
    looked_at: int

    @property
    def differing(self) -> tuple[str, ...]:
        return (*self.missing, *self.surplus, *self.stale)


async def compare(server: Server, kind: Kind, *, samples: int | None = SAMPLES) -> Comparison:
    """All ids, and whole documents of a sample (None: of all). What differs is noted to be sent again; what changes in this
    moment may be among it, and then is sent twice. Raises ServerProblem."""
    held = await _held(server, index_of(kind.name))
    there = [row["id"] for row in await fetch("SELECT id FROM search_document WHERE kind = $1", kind.name)]
    refused = {
        row["entity_id"] for row in await fetch("SELECT entity_id FROM search_refused WHERE kind = $1", kind.name)
    }
    both = sorted(held.keys() & set(there))
    looked_at = both if samples is None or len(both) <= samples else random.sample(both, samples)
    found = Comparison(
        len(there), tuple(sorted(set(there) - held.keys() - refused)), tuple(sorted(held.keys() - set(there))),
        await _stale(kind, looked_at, held), len(looked_at),
    )  # fmt: skip
    await outbox.note(kind.name, found.differing)
    async with transaction():
        await execute("UPDATE search_index SET compared_at = $2 WHERE kind = $1", kind.name, wall_now())
    return found


async def _held(server: Server, uid: str) -> dict[str, str]:
    held: dict[str, str] = {}
    offset = 0
    while part := await indexes.digests(server, uid, offset=offset):
        held |= part
        offset += indexes.BATCH
    return held


async def _stale(kind: Kind, ids: Sequence[str], held: dict[str, str]) -> tuple[str, ...]:
    stale: list[str] = []
    for start in range(0, len(ids), indexes.BATCH):
        documents = [one async for one in kind.documents(ids[start : start + indexes.BATCH])]
        stale += [one.id for one in documents if as_json(one)["digest"] != held[one.id]]
    return tuple(stale)


async def due(now: datetime) -> list[str]:
    rows = await fetch(
        "SELECT kind FROM search_index WHERE built_at IS NOT NULL AND broken = ''"
        " AND greatest(compared_at, built_at) <= $1::timestamptz - $2::interval",
        now, EVERY,
    )  # fmt: skip
    return [row["kind"] for row in rows]
