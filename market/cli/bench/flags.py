"""Red flags over a large market: every screen over every project and every pattern over the period, against one sequential
scan of the tables that they read; and what one new result costs.

The scan sends all rows of these tables through this process once and looks at nothing. The screens read the same rows,
rebuild every pool and every contest from them, and reckon exactly.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter, perf_counter_ns

import asyncpg

from market.cli.bench.harness import Measurement, Part, Rate
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.kernel.calendar import Calendar
from market.kernel.clock import wall_now
from market.kernel.db import connection, fetch, fetch_value
from market.kernel.times import load_calendar
from ratings.flags import actions
from ratings.flags.screens.interface import Reads

PROJECTS, FEWEST = 105_300, 4  # 19 of 20 get as far as sign-ups, six of them in the middle: 600,000
SCRIPT = Path(__file__).with_name("flags.sql")
TABLES = ("project", "project_requirement", "selection_round", "sign_up", "register_entry", "organisation", "agency",
          "agency_authorised_person", "contract")  # fmt: skip
AIM = 0.1
NEWEST = 60  # results whose arrival is measured
MOST_MB = 512
BEGINNING = datetime(2000, 1, 1).astimezone()


async def fill(dsn: str, *, projects: int, chain: str) -> None:
    await populate(dsn, projects=projects, chain=chain, fewest=FEWEST)
    link = await asyncpg.connect(dsn)
    try:
        await link.execute(SCRIPT.read_text(encoding="utf8"))
    finally:
        await link.close()


def all_screens(projects: int, calendar: Calendar, now: datetime, step: Callable[[int], None]) -> Rate:
    """Projects looked at in a second: by themselves, and in the patterns of every year and of the last twelve months.
    `step` hears of each project, and of each result once more in each period."""

    async def rate() -> float:
        seen, started = 0, perf_counter()

        def show(done: int, _: int) -> None:
            nonlocal seen
            step(done - seen)
            seen = done

        await actions.recompute(BEGINNING, calendar=calendar, now=now, progress=show)
        return projects / (perf_counter() - started)

    return rate


def plain_scan(projects: int) -> Rate:
    async def rate() -> float:
        started = perf_counter()
        async with connection() as link:
            for table in TABLES:
                await link.copy_from_query(f"SELECT * FROM {table}", output=_let_go)
        return projects / (perf_counter() - started)

    return rate


async def _let_go(data: bytes) -> None:
    """Bytes that nobody looks at."""


async def one_result(calendar: Calendar, now: datetime) -> tuple[float, float]:
    """Median milliseconds that the screens take for one new result and the patterns around it, and that reading its row
    takes."""
    looked, read = [], []
    for row in await fetch(
        "SELECT number FROM project WHERE drawn_at IS NOT NULL ORDER BY drawn_at DESC LIMIT $1", NEWEST
    ):
        started = perf_counter_ns()
        await actions.look_at(row["number"], Reads.RESULT, calendar=calendar, now=now)
        await actions.look_around(row["number"], calendar=calendar, now=now)
        looked.append((perf_counter_ns() - started) / 1e6)
        started = perf_counter_ns()
        await fetch("SELECT * FROM project WHERE number = $1", row["number"])
        read.append((perf_counter_ns() - started) / 1e6)
    return median(looked), median(read)


def memory_mb() -> float:
    """The most that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(runs: int, progress: Progress, *, projects: int = PROJECTS) -> Measurement:
    """One pass over everything: it is long enough to tell, and everything is in memory from being filled in. The scan is
    the median of `runs`."""
    async with temporary_market() as (_, running):
        with progress.counting("population", 1) as step:
            await fill(running.dsn, projects=projects, chain=running.beacon.chain.hash)
            step()
        calendar, now, before = await load_calendar(), wall_now(), memory_mb()
        entries = await fetch_value("SELECT count(*) FROM sign_up")
        with progress.measuring("projects and results", await actions.count_all(BEGINNING, now=now)) as seen:
            rate = await all_screens(projects, calendar, now, seen)()
        held, scan = memory_mb(), plain_scan(projects)
        floor = median([await scan() for _ in range(runs)])
        looked, read = await one_result(calendar, now)
    parts = (
        Part(f"{projects:,} projects, {entries:,} entries", rate, floor),
        Part("one new result", looked, read, better="lower", counts=False, unit="ms"),
        Part("memory held at most", held, before, better="lower", counts=False, limit=MOST_MB, unit="MB"),
    )
    return Measurement("flags", "projects/s", AIM, runs, parts)
