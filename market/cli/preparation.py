"""Schema, catalogue and rulebook, brought up to date in that order."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.actions import load_files
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.migrate import migrate
from market.register.actions import record


async def prepare(dsn: str, *, now: datetime | None = None) -> dict[str, list[str]]:
    """Returns what was applied, by kind: {"schema": […], "data": […]}."""
    schema = await migrate(dsn)
    await db.connect(dsn, pool_size=2)
    try:
        loaded = await load_files(now or wall_now(), record=record)
    finally:
        await db.disconnect()
    return {"schema": schema, "data": [str(item) for item in loaded]}
