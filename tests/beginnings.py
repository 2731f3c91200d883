"""Markets that many tests begin with: each is built once in a process and copied for every test, files included."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from market.demo.agencies import Agent, admit_agencies, some_agency
from market.demo.world import World, open_world
from market.kernel import db
from market.kernel.clock import FixedClock
from market.kernel.settings import Secret, Settings

Builder = Callable[[World], Awaitable[Any]]
SECRET = Secret("a secret of the tests, long enough for all")


def settings_at(folder: Path) -> Settings:
    return Settings(mode="test", data_dir=folder, secret_key=SECRET, run_worker=False)


def database_dsn(server: str, name: str) -> str:
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


async def copy_database(link: asyncpg.Connection, name: str, original: str) -> None:
    """File by file: writing a thousand small tables into the log as well costs half as much again, and nothing here has to
    survive a crash."""
    await link.execute(f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")


@dataclass(frozen=True)
class Beginning:
    """`database` and `folder` are copied, `now` is its moment, `memory` what its builder returned: whoever uses that puts
    its own world into it."""

    database: str
    folder: Path | None
    now: datetime
    memory: Any = None

    def move_into(self, settings: Settings, clock: FixedClock) -> None:
        if self.folder is not None:
            shutil.copytree(self.folder, settings.data_dir, dirs_exist_ok=True)
        clock.set(self.now)


async def no_events(world: World) -> None:
    """The builder of a market in which nothing has happened yet."""


async def three_agencies(world: World) -> list[Agent]:
    """The builder of a market with agencies that meet the survey notice."""
    return await admit_agencies(world, [some_agency(number) for number in (1, 2, 3)])


async def four_agencies(world: World) -> list[Agent]:
    return await admit_agencies(world, [some_agency(number) for number in (1, 2, 3, 4)])


@dataclass
class Beginnings:
    """`link`: to the server, outside of every database that is copied; `empty`: migrated, with catalogue and rulebook."""

    server: str
    link: asyncpg.Connection
    empty: Beginning
    folder: Path
    made: dict[Builder, Beginning] = field(default_factory=dict)

    async def after(self, builder: Builder) -> Beginning:
        if builder is no_events:
            return self.empty
        if builder not in self.made:
            self.made[builder] = await self._build(builder)
        return self.made[builder]

    async def _build(self, builder: Builder) -> Beginning:
        from market.beacon.local import LocalBeacon

        name = f"template_{uuid4().hex}"
        folder, clock = self.folder / name, FixedClock(self.empty.now)
        folder.mkdir()
        await copy_database(self.link, name, self.empty.database)
        dsn = database_dsn(self.server, name)
        await db.connect(dsn, pool_size=10)
        try:
            beacon = LocalBeacon.from_seed("tests", clock)
            async with open_world(settings_at(folder), dsn, clock=clock, beacon=beacon) as world:
                memory = await builder(world)
        finally:
            await db.disconnect()
        return Beginning(name, folder, clock.now(), memory)

    async def forget(self) -> None:
        for one in self.made.values():
            await self.link.execute(f"DROP DATABASE {one.database} WITH (FORCE)")


def begins_with(builders: Mapping[str, Builder]) -> Any:
    """The fixture `beginning` of a folder's conftest: a test that asks for one of these fixtures begins after its builder,
    the first named one winning; any other begins in an empty market."""

    @pytest.fixture
    async def beginning(request: pytest.FixtureRequest, beginnings: Beginnings) -> Beginning:
        asked = (builder for name, builder in builders.items() if name in request.fixturenames)
        return await beginnings.after(next(asked, no_events))

    return beginning
