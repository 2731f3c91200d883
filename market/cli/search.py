"""`python -m market search …`: the search server in front of PostgreSQL, where there is one (docs/search.md)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from market.cli.environment import connected, settings_or_exit
from market.kernel.settings import Settings

if TYPE_CHECKING:
    from market.search.kinds import Kind
    from market.search.meilisearch.client import Server

Command = Callable[..., Coroutine[Any, Any, None]]


@click.group()
def search() -> None:
    """The search server (Meilisearch) in front of PostgreSQL: MEILI_URL, MEILI_KEY, MEILI_WORKER_KEY. Without MEILI_URL
    PostgreSQL alone is searched, and nothing of this is needed."""


def _spoken(command: Command) -> Callable[..., None]:
    """Runs the command; says in plain words why a server could not do it, and exits with 5."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from market.search.meilisearch.client import KeyRefused, ServerProblem
        from market.search.meilisearch.leases import Taken
        from market.search.meilisearch.provisioning import TooOld

        try:
            asyncio.run(command(*args, **kwargs))
        except KeyRefused as problem:
            _fail(f"the search server refuses the key: {problem}\nMake new ones: python -m market search provision")
        except (ServerProblem, TooOld) as problem:
            _fail(f"the search server could not do it: {problem}")
        except Taken as taken:
            _fail(f"another process works on {taken}. If it was killed, try again in a quarter of an hour.")

    return run


def _fail(words: str) -> None:
    click.secho(words, fg="red", err=True)
    sys.exit(5)


def _settings() -> Settings:
    settings = settings_or_exit()
    if settings.meili_url is None:
        click.secho(
            "MEILI_URL is not set: PostgreSQL alone is searched, and there is nothing to do.", fg="yellow", err=True
        )
        sys.exit(2)
    return settings


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[tuple[Server, tuple[Kind, ...]]]:
    import app  # noqa: F401  (registers what is searched)
    from market.search.kinds import kinds
    from market.search.meilisearch.client import WORK_SECONDS, Server
    from market.search.meilisearch.opening import worker_key

    assert settings.meili_url is not None
    async with connected(settings, pool_size=4):
        server = Server(settings.meili_url, worker_key(settings), seconds=WORK_SECONDS)
        try:
            yield server, kinds()
        finally:
            server.close()


@search.command()
@_spoken
async def provision() -> None:
    """Make the two keys that the market needs, with MEILI_MASTER_KEY. Safe to repeat; the same server gives the same keys."""
    from market.search.meilisearch import provisioning
    from market.search.meilisearch.client import WORK_SECONDS, Server

    settings = _settings()
    if settings.meili_master_key is None or len(settings.meili_master_key.reveal()) < 16:
        click.secho("MEILI_MASTER_KEY: needed for this one command, at least 16 characters.", fg="red", err=True)
        sys.exit(2)
    assert settings.meili_url is not None
    server = Server(settings.meili_url, settings.meili_master_key, seconds=WORK_SECONDS)
    try:
        keys = await provisioning.provision(server)
    finally:
        server.close()
    click.secho(f"Meilisearch {keys.version}: {keys.made} of 2 keys made.", fg="green", err=True)
    click.echo(f"MEILI_KEY={keys.search}\nMEILI_WORKER_KEY={keys.worker}")
    click.echo(
        "Set these two, take MEILI_MASTER_KEY out of the environment, then: python -m market search rebuild", err=True
    )


@search.command()
@click.option("--kind", "only", help="Only this kind, e.g. projects (default: all).")
@_spoken
async def rebuild(only: str | None) -> None:
    """Build all documents anew beside those that are searched, and exchange them when they are complete."""
    from rich.progress import Progress

    from market.kernel.db import fetch_value
    from market.search.meilisearch.rebuilding import rebuild as build

    async with _connected(_settings()) as (server, kinds):
        with Progress(transient=False) as bar:
            for kind in _chosen(kinds, only):
                there_are = await fetch_value("SELECT count(*) FROM search_document WHERE kind = $1", kind.name)
                task = bar.add_task(kind.name, total=max(there_are, 1))

                def sent(documents: int, task: Any = task) -> None:
                    bar.update(task, advance=documents)

                count = await build(server, kind, sent)
                bar.update(task, completed=max(there_are, 1), description=f"{kind.name}: {count}")


@search.command()
@click.option("--full", is_flag=True, help="Compare every document, not a sample of 500.")
@_spoken
async def reconcile(full: bool) -> None:
    """Compare what the server holds with what there is; what differs is sent again. Done every night by itself."""
    from market.search.meilisearch.comparing import SAMPLES, compare

    differing = 0
    async with _connected(_settings()) as (server, kinds):
        for kind in kinds:
            found = await compare(server, kind, samples=None if full else SAMPLES)
            differing += found.differing
            click.echo(
                f"{kind.name}: {found.there_are} documents; {len(found.missing)} missing, {len(found.surplus)} too many,"
                f" {len(found.stale)} of {found.looked_at} looked at are not as they are"
            )
    if differing:
        click.secho(f"{differing} are put right; the worker sends what is needed.", fg="yellow")


@search.command()
@click.option("--kind", "only", help="Only this kind (default: all).")
@_spoken
async def off(only: str | None) -> None:
    """Forget that there was a server: nothing more is noted for it. Take MEILI_URL out of the environment as well."""
    from market.search.meilisearch.rebuilding import switch_off

    async with _connected(_settings()) as (_, kinds):
        for kind in _chosen(kinds, only):
            click.echo(f"{kind.name}: {'forgotten' if await switch_off(kind.name) else 'was not set up'}")


@search.command()
@_spoken
async def status() -> None:
    """What is searched, and how far the server is behind. Exits with 5 where anything is wrong."""
    from market.search.meilisearch.standing import standings

    wrong = False
    async with _connected(_settings()) as (server, kinds):
        for one in await standings(server, [kind.name for kind in kinds]):
            wrong = wrong or bool(one.trouble)
            click.secho(
                f"{one.kind}: {one.on_server if one.on_server is not None else 'no index'} of {one.there_are} documents on the server,"
                f" {one.waiting} changes waiting ({one.lag_seconds:.0f} s), {one.refused} refused",
                fg="red" if one.trouble else "green",
            )
            if one.trouble:
                click.echo(f"  {one.trouble}")
    if wrong:
        sys.exit(5)


def _chosen(kinds: tuple[Kind, ...], only: str | None) -> list[Kind]:
    chosen = [kind for kind in kinds if only in (None, kind.name)]
    if not chosen:
        click.secho(f"--kind: one of {', '.join(kind.name for kind in kinds)}", fg="red", err=True)
        sys.exit(2)
    return chosen
