"""The one transaction, jobs inside it, the append-only guard: on a real PostgreSQL with real connections."""

from __future__ import annotations

import asyncio
from itertools import chain

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from market.demo.world import World
from market.kernel import jobs
from market.kernel.clock import Clock, wall_now
from market.kernel.db import DB, execute, fetch_value, transaction
from market.kernel.ids import new_id
from market.kernel.migrate import all_migrations, migrate
from market.register.actions import record

RAN: list[int] = []


@jobs.job("tests.note")
async def note(*, clock: Clock, number: int) -> None:
    RAN.append(number)


@pytest.mark.usefixtures("database")
async def test_nesting_is_refused() -> None:
    async with transaction():
        with pytest.raises(TransactionError):
            async with transaction():
                pass


async def the_next_turn() -> None:
    """Let everybody else on the event loop go one step."""
    loop = asyncio.get_running_loop()
    turn = loop.create_future()
    loop.call_soon(turn.set_result, None)
    await turn


@pytest.mark.usefixtures("database")
async def test_an_act_that_is_broken_off_at_any_moment_gives_its_connection_back() -> None:
    async def act() -> None:
        async with transaction():
            await execute("SELECT 1")

    assert DB.pool is not None
    for turns in range(40):
        task = asyncio.create_task(act())
        for _ in range(turns):
            await the_next_turn()
        task.cancel()
        await asyncio.wait([task])
        assert DB.pool.get_idle_size() == DB.pool.get_size(), turns


@pytest.mark.usefixtures("database")
async def test_a_failing_commit_gives_its_connection_back() -> None:
    await execute("CREATE TABLE parent (id int PRIMARY KEY)")
    await execute("CREATE TABLE child (id int REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
    assert DB.pool is not None
    for _ in range(DB.pool.get_max_size() + 2):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with transaction():
                await execute("INSERT INTO child VALUES (1)")
    assert DB.current_transaction.get() is None
    assert await fetch_value("SELECT count(*) FROM child") == 0


async def test_a_job_exists_if_and_only_if_the_change_does(world: World) -> None:
    RAN.clear()
    with pytest.raises(RuntimeError, match="changed our mind"):
        await _defer_and_fail()
    async with transaction():
        await jobs.defer("tests.note", number=2)
    await world.settle()
    assert RAN == [2]


async def _defer_and_fail() -> None:
    async with transaction():
        await jobs.defer("tests.note", number=1)
        raise RuntimeError("changed our mind")


@pytest.mark.usefixtures("database")
async def test_a_job_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        await jobs.defer("tests.note", number=3)


@pytest.mark.usefixtures("database")
async def test_the_register_only_grows() -> None:
    async with transaction():
        await record("project.closed", subject="X", by="market", data={"n": 1}, at=wall_now(), private={"name": "王"})
    for statement in (
        "UPDATE register_entry SET by = 'me'",
        "DELETE FROM register_entry",
        "TRUNCATE register_entry CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(statement)


@pytest.mark.usefixtures("database")
async def test_an_act_cannot_be_recorded_outside_its_transaction() -> None:
    with pytest.raises(RuntimeError):
        await record("project.closed", subject="X", by="market", data={}, at=wall_now())


async def test_migrations_run_once_however_many_start_them(server_dsn: str) -> None:
    from tests.conftest import database_dsn

    link = await asyncpg.connect(server_dsn)
    name = f"fresh_{new_id().hex}"
    await link.execute(f"CREATE DATABASE {name}")
    try:
        ran = await asyncio.gather(*(migrate(database_dsn(server_dsn, name)) for _ in range(3)))
        assert sorted(chain.from_iterable(ran)) == [migration.name for migration in all_migrations()]
    finally:
        await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await link.close()
