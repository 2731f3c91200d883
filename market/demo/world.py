"""A market under a clock that we move by hand: for tests and for building the demonstration. Everything in it is
made by calling the same actions that the pages call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import App

from market.beacon.source import Beacon, put_in_force
from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.catalogue.rules import Catalogue, Rulebook
from market.kernel.calendar import Calendar, beijing_date, end_of_day
from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch_value
from market.kernel.files import open_store
from market.kernel.jobs import run_queued, worker_app
from market.kernel.settings import Settings
from market.kernel.sweep import sweep_all
from market.kernel.times import load_calendar
from market.register.keys import open_keys
from market.web.context import Running
from projects.contracts.signing.notary import open_notary

BEACON_PAUSE = timedelta(seconds=15)  # a committed round is out a few seconds after its deadline
FREEZE_PAUSE = timedelta(seconds=2)  # a pool stays open so long for what arrived before its close


@dataclass
class World:
    """`running` is what the application runs on; `clock` moves only by `run_until` and by hand."""

    running: Running
    clock: FixedClock
    catalogue: Catalogue
    rulebook: Rulebook
    jobs: App

    @property
    def settings(self) -> Settings:
        return self.running.settings

    @property
    def calendar(self) -> Calendar:
        return self.running.calendar

    @property
    def beacon(self) -> Beacon:
        beacon: Beacon = self.running.beacon
        return beacon

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def settle(self) -> None:
        """Everything that is due by now happens: sweeps, then jobs, until nothing more follows from them."""
        while await sweep_all(self.clock) + await self.work():
            pass

    async def work(self) -> int:
        """The jobs that wait, each tried once; returns how many were done."""
        # Pauses between tries are real time, which stands still here: let every waiting job try now, once.
        waiting: int = await fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        if not waiting:
            return 0
        await execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        await run_queued(self.jobs)
        left: int = await fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        return max(waiting - left, 0)

    async def run_until(self, moment: datetime) -> None:
        """Moves the clock, stopping at every midnight on the way, and lets everything due happen."""
        while (midnight := end_of_day(beijing_date(self.clock.now()))) < moment:
            await self._stop_at(max(midnight, self.clock.now()))
        await self._stop_at(moment)

    async def _stop_at(self, moment: datetime) -> None:
        self.clock.set(moment)
        await self.settle()

    async def run_past(self, deadline: datetime) -> None:
        """Just past a deadline, and long enough for the beacon round committed to it."""
        await self.run_until(deadline + FREEZE_PAUSE)
        await self.run_until(deadline + BEACON_PAUSE)


@asynccontextmanager
async def open_world(settings: Settings, dsn: str, *, clock: FixedClock, beacon: Beacon) -> AsyncIterator[World]:
    """On a connected, migrated database with its catalogue and rulebook loaded."""
    put_in_force(beacon)
    open_keys(settings)
    files = open_store(settings)
    open_notary(settings, files)
    running = Running(
        settings=settings, clock=clock, files=files, calendar=await load_calendar(), dsn=dsn, beacon=beacon,
    )  # fmt: skip
    async with worker_app(dsn, clock) as jobs:
        yield World(
            running,
            clock,
            await catalogue_at(clock.now()),
            await rulebook_in_force(settings.site_region, clock.now()),
            jobs,
        )
