"""`python -m market demo`: the demonstration market, built once by the same actions that the pages call."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import asyncpg
import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import app  # noqa: F401  (registers every package's jobs and sweeps)
from market.beacon.source import open_beacon
from market.cli.preparation import prepare
from market.demo.city import STORY_BEGINS, STORY_ENDS, build_city
from market.demo.world import open_world
from market.kernel import db
from market.kernel.clock import FixedClock, wall_now
from market.kernel.settings import Settings
from market.kernel.times import anchor_clock
from market.notices.post import where_messages_go
from market.payments.opening import SIMULATOR_FOLDER
from market.site.demo_accounts import DEMO_ACCOUNTS, PASSWORD


async def build_demonstration(settings: Settings, dsn: str, *, fresh: bool, as_json: bool) -> None:
    """Builds it unless it stands already; an interrupted build is thrown away and begun again."""
    state = await _state(dsn)
    if state == "foreign" and not fresh:
        click.secho("This database holds a market that is not the demonstration; nothing was touched.\n"
                    "Use another DATABASE_URL or DATA_DIR, or --fresh to throw it away.", fg="red", err=True)  # fmt: skip
        sys.exit(2)
    if fresh or state != "finished":
        await _wipe(dsn)
        _forget_trades(settings)
        await prepare(dsn, now=STORY_BEGINS)
        await _build(settings, dsn, quiet=as_json)
    await _show(settings, dsn, as_json=as_json)


async def _state(dsn: str) -> str:
    """empty | unfinished | finished | foreign"""
    link = await asyncpg.connect(dsn)
    try:
        if await link.fetchval("SELECT to_regclass('demonstration')") is None:
            return "empty"
        finished = await link.fetchval("SELECT finished FROM demonstration")
        if finished is not None:
            return "finished" if finished else "unfinished"
        return "foreign" if await link.fetchval("SELECT count(*) FROM organisation") else "empty"
    finally:
        await link.close()


async def _wipe(dsn: str) -> None:
    link = await asyncpg.connect(dsn)
    try:
        await link.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await link.close()


def _forget_trades(settings: Settings) -> None:
    """The simulated Alipay's books of an earlier demonstration tell payments that the new one never saw."""
    for path in (settings.data_dir / SIMULATOR_FOLDER).glob("books.sqlite*"):
        path.unlink()


async def _build(settings: Settings, dsn: str, *, quiet: bool) -> None:
    await db.connect(dsn, pool_size=4)
    try:
        await db.execute("INSERT INTO demonstration (built_at, finished) VALUES ($1, false)", wall_now())
        clock = FixedClock(STORY_BEGINS)
        beacon = open_beacon(settings, clock)
        async with open_world(settings, dsn, clock=clock, beacon=beacon) as world:
            with _progress(quiet=quiet) as show:
                await build_city(world, show)
        await anchor_clock(STORY_ENDS, speed=settings.clock_speed)
        await db.execute("UPDATE demonstration SET finished = true")
        await db.execute("ANALYZE")
    finally:
        await db.disconnect()


class _progress:  # noqa: N801  (used as a function)
    """A bar over the months that the demonstration replays."""

    def __init__(self, *, quiet: bool) -> None:
        self.bar = Progress(
            TextColumn("Half a year of a market, replayed"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn(),
            disable=quiet,
        )  # fmt: skip

    def __enter__(self) -> Any:
        self.bar.start()
        task = self.bar.add_task("", total=(STORY_ENDS - STORY_BEGINS).total_seconds(), day="")

        def show(moment: datetime) -> None:
            self.bar.update(task, completed=(moment - STORY_BEGINS).total_seconds(), day=f"{moment:%Y-%m-%d}")

        return show

    def __exit__(self, *problem: object) -> None:
        self.bar.stop()


_COUNTS = """
SELECT (SELECT count(*) FROM agency WHERE stage = 'admitted') AS agencies, (SELECT count(*) FROM project) AS projects,
       (SELECT count(*) FROM sign_up) AS sign_ups, (SELECT count(*) FROM selection_round WHERE drawn_at IS NOT NULL) AS draws,
       (SELECT count(*) FROM contract WHERE in_force_at IS NOT NULL) AS contracts, (SELECT count(*) FROM register_entry) AS entries
"""


async def _show(settings: Settings, dsn: str, *, as_json: bool) -> None:
    link = await asyncpg.connect(dsn)
    counts = dict(await link.fetchrow(_COUNTS))
    await link.close()
    if as_json:
        accounts = [{"login": one.login, "who": one.who, "try": one.try_it} for one in DEMO_ACCOUNTS]
        click.echo(json.dumps({"password": PASSWORD, "accounts": accounts, "counts": counts}))
        return
    table = Table(title=f"Demonstration accounts 演示账号 — password 密码: {PASSWORD}", title_justify="left")
    for heading in ("sign-in name", "who", "what to try"):
        table.add_column(heading)
    for one in DEMO_ACCOUNTS:
        table.add_row(one.login, one.who, one.try_it)
    console = Console()
    console.print(table)
    console.print(", ".join(f"{count:,} {name.replace('_', '-')}" for name, count in counts.items()))
    console.print(where_messages_go(settings))
