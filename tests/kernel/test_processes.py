"""Several processes on one database agree."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

import app
from market.demo.world import World
from market.kernel.db import fetch_value, transaction
from market.kernel.ids import new_id
from market.kernel.settings import Settings
from market.kernel.times import correct_day

MAY_DAY = date(2026, 5, 6)


async def test_a_calendar_correction_of_another_process_is_known_soon(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "CALENDAR_SECONDS", 0.01)
    here = replace(world.running)
    async with asyncio.timeout(20), app._beside(app._keep_calendar(here)):
        assert here.calendar.is_working(MAY_DAY)
        async with transaction():
            await correct_day(MAY_DAY, working=False, reason="另行通知", by=new_id(), now=world.now)
        while here.calendar.is_working(MAY_DAY):
            await fetch_value("SELECT 1")  # lets the other task run
