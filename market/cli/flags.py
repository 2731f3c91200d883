"""`python -m market flags …`: screens over history."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

import click

from market.kernel.calendar import BEIJING
from market.kernel.settings import Settings, SettingsError

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
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as wrong:
        click.echo("; ".join(wrong.problems), err=True)
        sys.exit(2)
    opened = asyncio.run(_run(settings, since.replace(tzinfo=BEIJING) if since else BEGINNING))
    click.echo(f"{opened} flags opened")


async def _run(settings: Settings, since: datetime) -> int:
    from market.kernel import db
    from market.kernel.postgres import locate
    from market.kernel.times import load_calendar, load_clock
    from ratings.flags.actions import recompute

    await db.connect(locate(settings).dsn, pool_size=2)
    try:
        clock = await load_clock(settings)
        return await recompute(since, calendar=await load_calendar(), now=clock.now(), progress=_show)
    finally:
        await db.disconnect()


def _show(done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        click.echo(f"{done} of {total} projects", err=True)
