"""The demonstration market, built once and copied: the fullest market there is. All tests of this folder run in one
process, so that it is built no more than once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from market.beacon.local import LocalBeacon
from market.demo.city import STORY_BEGINS, build_city
from market.demo.world import World, open_world
from market.kernel import db
from market.kernel.clock import FixedClock
from tests.beginnings import Beginning, copy_database, database_dsn, settings_at
from tests.browser.conftest import address, arrive, chromium, findings, width

__all__ = ["address", "arrive", "chromium", "findings", "width"]


@pytest.fixture(scope="session")
async def built_city(
    server_dsn: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Beginning]:
    import app  # noqa: F401  (registers every package's jobs and sweeps)

    name, folder, clock = f"city_{uuid4().hex}", tmp_path_factory.mktemp("city"), FixedClock(STORY_BEGINS)
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, template)
    dsn = database_dsn(server_dsn, name)
    await db.connect(dsn, pool_size=4)
    try:
        beacon = LocalBeacon.from_seed("tests", clock)
        async with open_world(settings_at(folder), dsn, clock=clock, beacon=beacon) as world:
            await build_city(world, lambda _: None)
    finally:
        await db.disconnect()
    yield Beginning(name, folder, clock.now())
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture
async def beginning(built_city: Beginning) -> Beginning:
    return built_city


@pytest.fixture
def city(world: World) -> World:
    """Stands at the end of its story."""
    return world
