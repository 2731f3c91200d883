"""The register: appending with sequencing, proofs at a million leaves, and what an entry costs on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Any
from uuid import UUID

from market.cli.bench.harness import Contest, Measurement, Part, compare, steps
from market.cli.bench.market import temporary_market
from market.cli.bench.progress import Progress
from market.kernel.db import execute, fetch, fetch_value, to_json, transaction
from market.kernel.ids import new_id
from market.register import log
from market.register.actions import record
from market.register.proofs import inclusion_proof
from market.register.queries import Entry
from market.register.sequencing import sequence

ENTRIES = 100_000  # appended in all runs together
LEAVES = 1_000_000
AN_ACT = 100  # entries in one transaction: commits would hide everything else
CHUNK = 50_000
PROOFS = 500
AIM = 0.3  # an entry is indexed three ways, waits, is hashed into the tree and signed; the floor does none of that
LIMIT_NS = 5_000_000  # a proof in less than 5 ms
NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
FACTS = {
    "contract": "MX-2026-000001-C1", "agency": "91370200MA00000001", "owner": "11370200MB00000001", "price_fen": 4_000_000,
    "delivery_due_at": "2026-07-07T16:00:00.000Z",
}  # fmt: skip
_BULK = """
INSERT INTO register_entry (id, at, kind, subject, by, data)
SELECT gen_random_uuid(), $1, 'contract.in_force', 'MX-2026-' || lpad(n::text, 6, '0'), 'market', $2::jsonb FROM generate_series(1, $3::int) AS n
"""
_BARE = "INSERT INTO bare_entry VALUES ($1, $2, $3, $4, $5, $6)"
_SIZE = "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest($1::text[]) AS name"
TABLES = ["register_entry", "register_waiting", "register_leaf", "register_subtree", "register_checkpoint"]


async def append(count: int) -> float:
    """Acts recorded as the market records them, then the log extended and signed over them. Entries a second."""
    started = perf_counter()
    for _ in range(count // AN_ACT):
        async with transaction():
            for _ in range(AN_ACT):
                await record("contract.in_force", subject="MX-2026-000001", by="market", data=FACTS, at=NOW)
    await sequence(now=NOW)
    return count / (perf_counter() - started)


async def bare(count: int) -> float:
    """The same bytes hashed once and the same row inserted, in as many transactions."""
    rows = [_row() for _ in range(count)]
    started = perf_counter()
    remaining = iter(rows)
    while some := list(islice(remaining, AN_ACT)):
        async with transaction():
            for row, content in some:
                hashlib.sha256(content).digest()
                await execute(_BARE, *row)
    return count / (perf_counter() - started)


def _row() -> tuple[tuple[Any, ...], bytes]:
    entry = Entry(new_id(), 1, NOW, "contract.in_force", "MX-2026-000001", "market", FACTS, None)
    return (entry.id, entry.at, entry.kind, entry.subject, entry.by, to_json(FACTS)), entry.canonical()


async def grow(leaves: int, step: Callable[[], None]) -> None:
    """To that many leaves, written in bulk and sequenced as always."""
    size: int = await fetch_value("SELECT count(*) FROM register_entry")
    for start in range(size, leaves, CHUNK):
        await execute(_BULK, NOW, to_json(FACTS), min(CHUNK, leaves - start))
        await sequence(now=NOW)
        step()


@dataclass(frozen=True)
class Sample:
    """Entries whose proofs are asked for, and a dictionary with the same paths ready in memory."""

    ids: list[UUID]
    ready: dict[UUID, list[bytes]]


async def sample(leaves: int) -> Sample:
    rows = await fetch(
        "SELECT leaf, entry_id FROM register_leaf WHERE leaf = ANY($1::bigint[])",
        list(range(0, leaves, leaves // PROOFS)),
    )
    return Sample(
        [row["entry_id"] for row in rows], {row["entry_id"]: await log.inclusion(row["leaf"], leaves) for row in rows}
    )


async def proof_times(asked: Sample, step: Callable[[], None]) -> tuple[float, float]:
    """Median nanoseconds of a whole proof file from the database, and of the look-up of a ready path."""
    made, looked_up = [], []
    for entry_id in asked.ids:
        started = perf_counter_ns()
        await inclusion_proof(entry_id)
        made.append(perf_counter_ns() - started)
        started = perf_counter_ns()
        asked.ready[entry_id]
        looked_up.append(perf_counter_ns() - started)
        step()
    return float(median(made)), float(median(looked_up))


async def _appending(runs: int, progress: Progress) -> tuple[Part, ...]:
    count = max(ENTRIES // (runs + 1) // AN_ACT, 1) * AN_ACT

    def counted(work: Callable[[int], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
        return lambda: work(count)

    await execute(
        "CREATE TABLE bare_entry (id uuid PRIMARY KEY, at timestamptz, kind text, subject text, by text, data jsonb)"
    )
    with progress.counting("append", steps(1, runs)) as step:
        return await compare([Contest("append", counted(append), counted(bare))], runs=runs, step=step)


async def measure(runs: int, progress: Progress, *, leaves: int = LEAVES) -> Measurement:
    async with temporary_market():
        parts = await _appending(runs, progress)
        with progress.counting("grow", -(-leaves // CHUNK)) as step:
            await grow(leaves, step)
        await execute("ANALYZE")
        size = await fetch_value("SELECT max(size) FROM register_checkpoint")
        asked = await sample(size)
        with progress.counting("proofs", len(asked.ids)) as step:
            made, looked_up = await proof_times(asked, step)
        stored = await fetch_value(_SIZE, TABLES) / size
    proof = Part(f"proof at {size:,} leaves, ns", made, looked_up, better="lower", counts=False, limit=LIMIT_NS)
    storage = Part("storage of an entry", stored, float(len(_row()[1])), better="lower", counts=False, unit="bytes")
    return Measurement("register", "entries/s", AIM, runs, (*parts, proof, storage))
