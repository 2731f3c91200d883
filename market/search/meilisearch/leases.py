"""Who works on a kind: one worker or one rebuild at a time, over all processes. Held for a minute and then taken from whoever
died; no transaction is open while a server is spoken to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from market.kernel.clock import wall_now
from market.kernel.db import execute, transaction
from market.kernel.ids import new_id

SPAN: Final = timedelta(seconds=60)
LONG_SPAN: Final = timedelta(minutes=15)  # of a rebuild, which may wait for the server for long
LONGEST_PAUSE: Final = timedelta(seconds=60)
ATTEMPT_SECONDS: Final = 0.2


class Taken(Exception):
    """Somebody else works on it."""


@dataclass
class Lease:
    """Of a kind's name, until `span` after it was last renewed."""

    name: str
    holder: UUID
    span: timedelta = SPAN

    async def renew(self) -> None:
        """Before every step that reaches the server. Raises Taken."""
        async with transaction():
            held = await execute(
                "UPDATE search_lease SET until = $3 WHERE kind = $1 AND holder = $2",
                self.name,
                self.holder,
                wall_now() + SPAN,
            )
        if not held:
            raise Taken(self.name)


def rebuild_of(kind: str) -> str:
    """The name under which a rebuild is held, beside the kind's own."""
    return f"{kind}/rebuild"


@asynccontextmanager
async def held(name: str, *, patience: float = 0.0, span: timedelta = SPAN) -> AsyncIterator[Lease]:
    """Raises Taken where somebody else holds it for longer than the patience, in seconds."""
    lease = Lease(name, new_id(), span)
    deadline = asyncio.get_running_loop().time() + patience
    while not await _take(lease):
        if asyncio.get_running_loop().time() >= deadline:
            raise Taken(name)
        await asyncio.sleep(ATTEMPT_SECONDS)
    try:
        yield lease
    finally:
        async with transaction():
            await execute(
                "UPDATE search_lease SET holder = NULL, until = NULL WHERE kind = $1 AND holder = $2",
                name,
                lease.holder,
            )


async def _take(lease: Lease) -> bool:
    now = wall_now()
    async with transaction():
        await execute(
            "INSERT INTO search_lease (kind, failures, problem) VALUES ($1, 0, '') ON CONFLICT DO NOTHING", lease.name
        )
        return bool(await execute(
            "UPDATE search_lease SET holder = $2, until = $3 WHERE kind = $1 AND (until IS NULL OR until < $4)",
            lease.name, lease.holder, now + lease.span, now,
        ))  # fmt: skip


async def failed(name: str, problem: str) -> None:
    """The next attempt waits longer, up to a minute."""
    async with transaction():
        await execute(
            "UPDATE search_lease SET failures = failures + 1, problem = $2,"
            " retry_at = $3::timestamptz + least(power(2, least(failures, 10)) * interval '1 second', $4::interval) WHERE kind = $1",
            name, problem[:300], wall_now(), LONGEST_PAUSE,
        )  # fmt: skip


async def went_well(name: str) -> None:
    async with transaction():
        await execute(
            "UPDATE search_lease SET failures = 0, problem = '', retry_at = NULL WHERE kind = $1 AND failures > 0", name
        )
