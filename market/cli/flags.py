"""`python -m market flags …`: screens over history."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from market.cli.environment import connected, settings_or_exit
from market.kernel.calendar import BEIJING
from market.kernel.settings import Settings

if TYPE_CHECKING:
    from market.demo.flag_report import Line

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@click.group()
def flags() -> None:
    """Red flags: leads of the market's screens, for people to review."""


@flags.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only projects published or decided since this day (Beijing)."
)
def run(since: datetime | None) -> None:
    """Compute all screens over history again. Known flags are brought up to date, closed ones stay as they are."""
    opened = asyncio.run(_run(settings_or_exit(), since.replace(tzinfo=BEIJING) if since else BEGINNING))
    click.echo(f"{opened} flags opened")


@flags.command()
def report() -> None:
    """On the demonstration: how often each screen fired on constructed cases, and on honest ones (which should be never)."""
    lines = asyncio.run(_report(settings_or_exit()))
    table = Table(title="Screens on the demonstration")
    for heading in ("screen", "fired on constructed", "fired on honest"):
        table.add_column(heading, justify="left" if heading == "screen" else "right")
    for line in lines:
        alarm = "red" if line.alarms else "green"
        table.add_row(line.screen, f"{line.found} / {line.made}" if line.made else "none constructed",
                      f"[{alarm}]{line.alarms} / {line.honest}[/]")  # fmt: skip
    Console().print(table)
    if any(line.alarms or line.found != line.made for line in lines):
        sys.exit(1)


async def _report(settings: Settings) -> list[Line]:
    from market.demo.flag_report import report

    async with connected(settings, pool_size=2):
        return await report()


async def _run(settings: Settings, since: datetime) -> int:
    from market.kernel.times import load_calendar, load_clock
    from ratings.flags.actions import recompute

    async with connected(settings, pool_size=2):
        clock = await load_clock(settings)
        return await recompute(since, calendar=await load_calendar(), now=clock.now(), progress=_show)


def _show(done: int, total: int) -> None:
    click.echo(f"{done} of {total} projects and results", err=True)
