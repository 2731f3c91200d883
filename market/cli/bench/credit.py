"""Credit: all standings recomputed from a million events, against one plain sum over the same rows; and what a statement
costs for each of its events, whether there are fifty or five thousand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter, perf_counter_ns

import asyncpg

from market.cli.bench.harness import Contest, Measurement, Part, Rate, compare, steps
from market.cli.bench.market import temporary_market
from market.cli.bench.progress import Progress
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_one, fetch_value
from ratings.credit import queries
from ratings.credit.standings import all_standings

FIRMS, EACH = 20_000, 50
LONG = 5_000  # events of one firm that has been here for long
SCRIPT = Path(__file__).with_name("credit.sql")
AIM = 0.33  # at most three times the plain sum
FLOOR = "SELECT organisation_id, sum(points) FROM credit_event GROUP BY organisation_id"
_LONG_HISTORY = """
INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at, valid_until, evidence_id)
SELECT gen_random_uuid(), $1, CASE WHEN n % 7 = 0 THEN 'late_delivery' ELSE 'five_stars' END, CASE WHEN n % 7 = 0 THEN -300 ELSE 100 END,
    '2025-1', 'credit.bench', at, at + interval '1 second', at + interval '12 months', entry
FROM (SELECT n, now() - n * interval '10 hours' - interval '1 hour' AS at, md5('long:' || n)::uuid AS entry FROM generate_series(1, $2::int) n) made
"""
_ENTRIES = """
INSERT INTO register_entry (id, at, kind, subject, by, data)
SELECT md5('long:' || n)::uuid, now() - n * interval '10 hours' - interval '1 hour', 'delivery.made', 'MX-2020-999999', 'market', '{}'
FROM generate_series(1, $1::int) n
"""


async def populate(dsn: str, *, firms: int, each: int) -> None:
    """Agencies with so many events each, and one with a long history."""
    link = await asyncpg.connect(dsn)
    try:
        script = SCRIPT.read_text(encoding="utf8").format(firms=firms, events=firms * each, each=each)
        async with link.transaction():
            await link.execute(script)
    finally:
        await link.close()


async def lengthen(events: int) -> str:
    """Gives one agency so many events; returns its credit code."""
    row = await fetch_one("SELECT id, code FROM organisation WHERE kind = 'agency' ORDER BY code DESC LIMIT 1")
    assert row is not None
    await execute(_ENTRIES, events)
    await execute(_LONG_HISTORY, row["id"], events)
    code: str = row["code"]
    return code


def recompute(at: datetime) -> Rate:
    """Firms placed in a second."""

    async def rate() -> float:
        started = perf_counter()
        return len(await all_standings(at)) / (perf_counter() - started)

    return rate


async def plain() -> float:
    """The same firms' points added up, and nothing else known."""
    started = perf_counter()
    return len(await fetch(FLOOR)) / (perf_counter() - started)


async def statement_ns(code: str, at: datetime, times: int) -> float:
    """Median nanoseconds that a statement takes for each of its events: read, score, pauses."""
    took = []
    for _ in range(times):
        started = perf_counter_ns()
        account = await queries.agency_account(code, at)
        took.append((perf_counter_ns() - started) / len(account.events))
    return float(median(took))


async def measure(runs: int, progress: Progress, *, firms: int = FIRMS, each: int = EACH) -> Measurement:
    async with temporary_market() as (_, running):
        with progress.counting("history", 1) as step:
            await populate(running.dsn, firms=firms, each=each)
            step()
        now = wall_now()
        with progress.counting("standings", steps(1, runs)) as step:
            parts = await compare([Contest("standings", recompute(now), plain)], runs=runs, step=step)
        usual = await fetch_value("SELECT code FROM organisation WHERE kind = 'agency' ORDER BY code LIMIT 1")
        short = await statement_ns(usual, now, runs * 5)
        long = await statement_ns(await lengthen(LONG), now, runs)
    statement = Part(
        f"statement of {LONG:,} events against {each}, ns an event", long, short, better="lower", counts=False
    )
    return Measurement("credit", "firms/s", AIM, runs, (*parts, statement))
