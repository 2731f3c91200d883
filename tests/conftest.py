"""Real PostgreSQL for every test: a fresh database cloned from a migrated template, one per test, on the embedded
server or on the one named by TEST_DATABASE_URL."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import hypothesis
import pytest

from market.kernel.calendar import BEIJING
from market.kernel.clock import FixedClock
from market.kernel.settings import Settings
from tests.application import application_on
from tests.beginnings import Beginning, Beginnings, copy_database, database_dsn, no_events, settings_at
from tests.scheduling import SharedFirst

# How fast a machine is, is no property of the product: speed is measured in `python -m market bench`.
hypothesis.settings.register_profile("market", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("market")

START = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)  # a Tuesday
ROOT = Path(__file__).resolve().parents[1]
ROOM_NEEDED = 2 * 1024**3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("anyio") is None:
            item.add_marker(pytest.mark.anyio)
        if "server_dsn" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)  # so that the other version of PostgreSQL need not see the pure ones


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharedFirst:
    return SharedFirst(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """A PostgreSQL server on which we may create databases."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    from market.kernel.postgres import start_embedded

    folder = data_folder()
    atexit.register(forget, folder)  # before the server's own farewell, so that it runs after it
    database = start_embedded(folder)
    yield database.dsn


def data_folder() -> Path:
    """In memory where there is room for it: a test's database is a thousand small files, and writing them to a disk takes
    longer than the test."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_NEEDED:
        return memory / f"mingxuan-tests-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return ROOT / "var" / "test-postgres"


def forget(folder: Path) -> None:
    """By the last process only: until then the server runs. Under another name, since half a folder would be in the way of
    the next run."""
    if (folder / "postmaster.pid").exists():
        return
    forgotten = folder.with_name(f"{folder.name}.forgotten")
    shutil.rmtree(forgotten, ignore_errors=True)
    with suppress(OSError):  # another process was faster
        folder.rename(forgotten)
    shutil.rmtree(forgotten, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(server_dsn: str, anyio_backend: str) -> AsyncIterator[str]:
    """A migrated database with catalogue and rulebook, to clone from."""
    from market.cli.preparation import prepare

    name = f"template_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = '256MB'"):
        await link.execute(f"ALTER SYSTEM SET {setting}")
    await link.execute("SELECT pg_reload_conf()")
    await link.execute(f"CREATE DATABASE {name}")
    await prepare(database_dsn(server_dsn, name), now=datetime(2025, 1, 1, tzinfo=BEIJING))
    yield name
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture(scope="session")
async def beginnings(
    server_dsn: str, template: str, anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Beginnings]:
    import app  # noqa: F401  (registers every package's jobs and sweeps)

    link = await asyncpg.connect(server_dsn)
    made = Beginnings(server_dsn, link, Beginning(template, None, START), tmp_path_factory.mktemp("beginnings"))
    yield made
    await made.forget()
    await link.close()


@pytest.fixture
async def beginning(beginnings: Beginnings) -> Beginning:
    """What this test's market begins with; a folder's conftest names another where its tests ask for what follows."""
    return await beginnings.after(no_events)


@pytest.fixture
async def dsn(server_dsn: str, beginning: Beginning) -> AsyncIterator[str]:
    """A database of this test's own; nothing is connected to it yet."""
    name = f"test_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, beginning.database)
    yield database_dsn(server_dsn, name)
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[str]:
    """A database of this test's own, with the pool connected."""
    from market.kernel import db

    await db.connect(dsn, pool_size=10)
    yield dsn
    await db.disconnect()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path)


@pytest.fixture
async def world(database: str, beginning: Beginning, clock: FixedClock, settings: Settings) -> AsyncIterator[object]:
    """market.demo.world.World on this test's database."""
    import app  # noqa: F401  (registers every package's jobs and sweeps)
    from market.beacon.local import LocalBeacon
    from market.demo.world import open_world

    beginning.move_into(settings, clock)
    async with open_world(settings, database, clock=clock, beacon=LocalBeacon.from_seed("tests", clock)) as made:
        yield made


@pytest.fixture
async def site(world):
    """The web application on the world's clock and database (no worker: tests call `world.settle()`)."""
    return application_on(world.running)


@pytest.fixture
async def client(site) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous visitor. See tests/visitor.py for signed-in ones and for posting forms."""
    from tests.visitor import Visitor

    async with Visitor(site) as visitor:
        yield visitor
