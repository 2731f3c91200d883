"""Sign-ups by sixteen clients at once, each committed durably, against a bare insert of the same row.

A sign-up checks every rule of eligibility against the agency's papers, writes its register entry, and is committed
before the client hears of it. The floor inserts the same row with asyncpg alone, over as many connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg

from market.cli.bench.harness import Contest, Measurement, compare, steps
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.ids import new_id
from projects.selection.sign_ups.actions import SignUpOffer, sign_up

CLIENTS = 16
EACH = 20  # sign-ups of each client in each run
AIM = 0.4
PROJECTS = 2_000
OPEN = 40  # projects that the sign-ups are for
_INSERT = (
    "INSERT INTO sign_up (id, project_id, agency_id, authorised_person_id, practitioner_ids, signed_by, signed_up_at, entry_id)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8)"
)  # fmt: skip
# Open projects and agencies that have not signed up for them, mixed as they would come in on a busy afternoon.
_PAIRS = """
SELECT p.id AS project, a.agency_id AS agency, a.id AS authorised, m.person_id AS person
FROM (SELECT * FROM project WHERE stage = 'sign_up' ORDER BY published_at DESC LIMIT $1) p
CROSS JOIN agency_authorised_person a JOIN membership m ON m.organisation_id = a.agency_id
WHERE NOT EXISTS (SELECT FROM sign_up s WHERE s.project_id = p.id AND s.agency_id = a.agency_id)
ORDER BY md5(p.id::text || a.id::text) LIMIT $2
"""


@dataclass(frozen=True)
class Pair:
    """One agency that may sign up for one project, and who does it."""

    project: UUID
    agency: UUID
    authorised: UUID
    person: UUID


Client = Callable[[int, Pair], Awaitable[None]]


def rate_of(client: Client, pairs: Iterator[Pair]) -> Callable[[], Awaitable[float]]:
    """Sixteen clients, each with its next pair as soon as the last one is answered. Answers a second."""

    async def rate() -> float:
        waiting = [[next(pairs) for _ in range(EACH)] for _ in range(CLIENTS)]

        async def work(number: int) -> None:
            for pair in waiting[number]:
                await client(number, pair)

        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(work(number))
        return CLIENTS * EACH / (perf_counter() - started)

    return rate


async def by_the_market(number: int, pair: Pair) -> None:
    await sign_up(pair.project, pair.agency, SignUpOffer(pair.authorised), by=pair.person, now=wall_now())


@asynccontextmanager
async def bare_client(dsn: str, entry: UUID) -> AsyncIterator[Client]:
    """Inserts over connections of its own; every row names the same register entry."""
    links: list[Any] = [await asyncpg.connect(dsn) for _ in range(CLIENTS)]
    try:

        async def insert(number: int, pair: Pair) -> None:
            await links[number].execute(
                _INSERT, new_id(), pair.project, pair.agency, pair.authorised, [], pair.person, wall_now(), entry
            )

        yield insert
    finally:
        for link in links:
            await link.close()


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market(pool=CLIENTS) as (_, running):
        await populate(running.dsn, projects=PROJECTS, chain=running.beacon.chain.hash)
        found = await db.fetch(_PAIRS, OPEN, 2 * CLIENTS * EACH * (runs + 1))
        pairs = iter([Pair(**row) for row in found])
        entry: UUID = await db.fetch_value("SELECT id FROM register_entry LIMIT 1")
        async with bare_client(running.dsn, entry) as bare:
            contest = Contest("signup", rate_of(by_the_market, pairs), rate_of(bare, pairs))
            with progress.counting("signup", steps(1, runs)) as step:
                parts = await compare([contest], runs=runs, step=step)
    return Measurement("signup", "sign-ups/s", AIM, runs, parts)
