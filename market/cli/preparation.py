"""Schema, catalogue, rulebook and what is searched, brought up to date in that order."""

from __future__ import annotations

from datetime import datetime

import app  # noqa: F401  (registers everything that is searched)
from market.catalogue.actions import load_files
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.migrate import migrate
from market.register.actions import record
from market.search.kinds import fill_missing


async def prepare(dsn: str, *, now: datetime | None = None) -> dict[str, list[str]]:
    """Returns what was applied, by kind: {"schema": […], "data": […], "search": […]}."""
    schema = await migrate(dsn)
    await db.connect(dsn, pool_size=2)
    try:
        loaded = await load_files(now or wall_now(), record=record)
        filled = await fill_missing()
    finally:
        await db.disconnect()
    found = [f"{kind}: {count}" for kind, count in filled.items()]
    return {"schema": schema, "data": [str(item) for item in loaded], "search": found}
