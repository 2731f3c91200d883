"""What the environment says of this market: its settings, and a database that answers. Where they are not usable a command
says so in plain words and ends. Every command imports this, so it loads nothing heavy itself."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from market.kernel.settings import Settings, SettingsError

if TYPE_CHECKING:
    from market.kernel.postgres import Database


def settings_or_exit() -> Settings:
    """Prints every mistake and exits with 2."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as wrong:
        click.secho("The configuration is not usable:", fg="red", err=True)
        for problem in wrong.problems:
            click.echo(f"  {problem}", err=True)
        sys.exit(2)


def database_or_exit(settings: Settings) -> Database:
    """Exits with 3 where no server answers."""
    from market.kernel.postgres import DatabaseUnavailable, locate

    try:
        return locate(settings)
    except DatabaseUnavailable as problem:
        click.secho(str(problem), fg="red", err=True)
        sys.exit(3)


@asynccontextmanager
async def connected(settings: Settings, *, pool_size: int) -> AsyncIterator[None]:
    """With the pool of connections open, and nothing else of the application."""
    from market.kernel import db

    await db.connect(database_or_exit(settings).dsn, pool_size=pool_size)
    try:
        yield
    finally:
        await db.disconnect()
