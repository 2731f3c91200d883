"""Migrations: once each, whole or not at all, and never rewritten afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from market.kernel.ids import new_id
from market.kernel.migrate import MigrationError, all_migrations, applied, migrate, pending
from tests.conftest import database_dsn


@pytest.fixture
async def empty(server_dsn: str) -> AsyncIterator[str]:
    """A database without a schema."""
    name = f"empty_{new_id().hex}"
    link = await asyncpg.connect(server_dsn)
    await link.execute(f"CREATE DATABASE {name}")
    yield database_dsn(server_dsn, name)
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture
async def link(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a migrated database."""
    made = await asyncpg.connect(dsn)
    yield made
    await made.close()


def test_files_run_in_the_order_of_their_names() -> None:
    names = [migration.name for migration in all_migrations()]
    assert names == sorted(set(names))
    assert names[0] == "0000_procrastinate"


async def test_nothing_is_pending_after_migrating(dsn: str, link: asyncpg.Connection) -> None:
    assert await pending(link) == []
    assert await migrate(dsn) == []


async def test_everything_is_pending_before(empty: str) -> None:
    link = await asyncpg.connect(empty)
    assert [m.name for m in await pending(link)] == [m.name for m in all_migrations()]
    assert await applied(link) == {}
    await link.close()


async def test_a_file_changed_afterwards_is_detected(dsn: str, link: asyncpg.Connection) -> None:
    await link.execute("UPDATE migration SET sha256 = repeat('0', 64) WHERE name = '0001_kernel'")
    with pytest.raises(MigrationError, match="changed after they were applied: 0001_kernel"):
        await pending(link)
    with pytest.raises(MigrationError):
        await migrate(dsn)


async def test_a_new_version_of_the_job_library_is_no_change_of_ours(link: asyncpg.Connection) -> None:
    await link.execute("UPDATE migration SET sha256 = repeat('0', 64) WHERE name = '0000_procrastinate'")
    assert await pending(link) == []


async def test_a_failing_migration_leaves_nothing_and_can_be_repeated(empty: str) -> None:
    link = await asyncpg.connect(empty)
    await link.execute("CREATE TABLE worker_heartbeat (in_the_way integer)")
    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(empty)
    assert list(await applied(link)) == ["0000_procrastinate"]
    assert await link.fetchval("SELECT to_regclass('clock_anchor')") is None
    await link.execute("DROP TABLE worker_heartbeat")
    assert await migrate(empty) == [migration.name for migration in all_migrations()][1:]
    await link.close()


async def test_progress_is_told_by_name(empty: str) -> None:
    told: list[str] = []
    assert await migrate(empty, progress=told.append) == told
