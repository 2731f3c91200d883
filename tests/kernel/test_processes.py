"""Several processes on one database agree."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

import app
from market.demo.world import World
from market.kernel import worker
from market.kernel.clock import Clock
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.ids import new_id
from market.kernel.jobs import defer, job, take_up
from market.kernel.settings import Settings
from market.kernel.times import correct_day

MAY_DAY = date(2026, 5, 6)
_done: list[str] = []


@job("tests.taken_up")
async def note(*, clock: Clock, text: str) -> None:
    _done.append(text)


async def test_a_calendar_correction_of_another_process_is_known_soon(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CALENDAR_SECONDS", 0.01)
    here = replace(world.running)
    async with asyncio.timeout(60), app._beside(app._keep_calendar(here)):
        assert here.calendar.is_working(MAY_DAY)
        async with transaction():
            await correct_day(MAY_DAY, working=False, reason="另行通知", by=new_id(), now=world.now)
        while here.calendar.is_working(MAY_DAY):
            await fetch_value("SELECT 1")  # lets the other task run


async def test_a_job_of_a_killed_worker_is_taken_up_by_another(world: World) -> None:
    async with transaction():
        await defer("tests.taken_up", text="once")
    await execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'tests.taken_up'")
    await world.settle()
    assert _done == []
    assert await take_up(world.jobs) == 1
    await world.settle()
    assert _done == ["once"]
    assert await take_up(world.jobs) == 0


async def test_the_rounds_of_a_worker_outlive_a_failure() -> None:
    tried: list[int] = []
    third = asyncio.Event()

    async def fail() -> None:
        tried.append(len(tried))
        if len(tried) == 3:
            third.set()
        raise ConnectionError

    rounds = asyncio.create_task(worker._for_ever(fail, 0))
    async with asyncio.timeout(60):
        await third.wait()
    rounds.cancel()
    await asyncio.gather(rounds, return_exceptions=True)
    assert len(tried) >= 3
