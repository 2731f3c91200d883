"""Markets that open years before the catalogue and the rulebook took effect: the scenarios play in the half-years whose
figures were published, so they run on a copy of the data files with earlier dates."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from market.beacon.local import LocalBeacon
from market.catalogue.actions import load_files
from market.catalogue.files import DATA
from market.demo.world import World, open_world
from market.kernel import db
from market.kernel.calendar import BEIJING
from market.kernel.clock import FixedClock
from market.kernel.migrate import migrate
from market.kernel.settings import Settings
from market.register.actions import record
from tests.beginnings import copy_database
from tests.conftest import database_dsn

OPENED = datetime(2016, 1, 4, 9, 0, tzinfo=BEIJING)
OpenMarket = Callable[[datetime], Awaitable[World]]


def _dated_back(folder: Path) -> Path:
    shutil.copytree(DATA, folder)
    for file in folder.glob("*.toml"):
        text = file.read_text("utf8")
        file.write_text(
            re.sub(r"^effective_from = .*$", f"effective_from = {OPENED:%Y-%m-%d}", text, flags=re.M), "utf8"
        )
    return folder


@pytest.fixture(scope="session")
async def earlier_template(
    server_dsn: str, anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A migrated database whose catalogue and rulebook are in force since OPENED."""
    name = f"template_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await link.execute(f"CREATE DATABASE {name}")
    dsn = database_dsn(server_dsn, name)
    await migrate(dsn)
    await db.connect(dsn, pool_size=2)
    await load_files(OPENED, record=record, folder=_dated_back(tmp_path_factory.mktemp("data") / "catalogue"))
    await db.disconnect()
    yield name
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture
async def open_market(server_dsn: str, earlier_template: str, settings: Settings) -> AsyncIterator[OpenMarket]:
    """`await open_market(moment)`: an empty market whose clock stands at that moment."""
    import app  # noqa: F401  (registers every package's jobs and sweeps)

    name = f"test_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, earlier_template)
    dsn = database_dsn(server_dsn, name)
    await db.connect(dsn, pool_size=4)
    async with AsyncExitStack() as stack:

        async def opened(moment: datetime) -> World:
            clock = FixedClock(moment)
            beacon = LocalBeacon.from_seed("scenarios", clock)
            return await stack.enter_async_context(open_world(settings, dsn, clock=clock, beacon=beacon))

        yield opened
    await db.disconnect()
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()
