from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from ratings.imported.actions import READING, TAKING, take_over_asked
from ratings.imported.reading import read_upload


@job(READING, lock=READING)
async def read(*, clock: Clock, upload: str) -> None:
    """Reads a list and finds out what it would change, one at a time."""
    await read_upload(UUID(upload), now=clock.now())


@job(TAKING, lock=TAKING)
async def take(*, clock: Clock, upload: str) -> None:
    """Takes over a list that was confirmed, one at a time."""
    await take_over_asked(UUID(upload), now=clock.now())
