"""`python -m market …`: every command imports what it needs when it runs, so that --help and verify stay quick."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import click

from market.cli.bench import bench
from market.cli.credit import credit
from market.cli.environment import database_or_exit, settings_or_exit
from market.cli.flags import flags
from market.cli.register import register
from market.cli.search import search
from projects.selection.dossiers.verify_command import verify_command


def _asynchronous(command: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(command(*args, **kwargs))

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="Mingxuan 明选")
def main() -> None:
    """Mingxuan 明选: an intermediary-service supermarket whose fairness needs no trust in its operator.

    Configured by environment variables (README: "Configuration"); without any it runs a demonstration market on an
    embedded PostgreSQL in ./var.
    """


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
@_asynchronous
async def migrate(as_json: bool) -> None:
    """Bring the database schema, the catalogue and the rulebook up to date. Safe to run at any time, anywhere."""
    from market.cli.preparation import prepare

    settings = settings_or_exit()
    done = await prepare(database_or_exit(settings).dsn)
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    for kind, names in done.items():
        click.echo(f"{kind}: {', '.join(names) if names else 'up to date'}")


@main.command()
@click.option("--host", help="Address to listen on (default: HOST or 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (default: PORT or 8000).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the market: web and worker in one process (RUN_WORKER=0 for the web alone)."""
    from market.cli.serving import serve_market

    settings = settings_or_exit()
    serve_market(settings, database_or_exit(settings), host or settings.host, port or settings.port)


@main.command()
@_asynchronous
async def worker() -> None:
    """Run jobs and deadlines only; any number of workers may run beside each other."""
    from market.cli.serving import work

    settings = settings_or_exit()
    await work(settings, database_or_exit(settings))


@main.command()
@_asynchronous
async def simulator() -> None:
    """Run the simulated Alipay alone (`serve` runs one beside the market; several market processes share one)."""
    from market.cli.simulating import serve_simulator

    settings = settings_or_exit()
    await serve_simulator(settings, database_or_exit(settings).dsn)


@main.command()
@click.option("--fresh", is_flag=True, help="Throw the present demonstration away and build it anew.")
@click.option("--json", "as_json", is_flag=True, help="Print the accounts and figures as one JSON object.")
@_asynchronous
async def demo(fresh: bool, as_json: bool) -> None:
    """Build the demonstration market (once; instantly done on the next call) and print its accounts."""
    from market.cli.demonstration import build_demonstration

    settings = settings_or_exit()
    if not settings.demo:
        click.secho("Only a market in demo mode (MODE=demo) can hold the demonstration.", fg="red", err=True)
        sys.exit(2)
    await build_demonstration(settings, database_or_exit(settings).dsn, fresh=fresh, as_json=as_json)


@main.command()
@click.option("--name", prompt="Name of the operating institution", help="As on its certificate.")
@click.option("--code", prompt="Its unified social credit code", help="18 characters, the last one a check digit.")
@click.option("--person", prompt="Your name")
@click.option("--phone", prompt="Your mobile number")
@click.option("--login", prompt="Sign-in name")
@click.password_option(help="At least 10 characters.")
@_asynchronous
async def operator(**given: str) -> None:
    """Set up the market's first operator, who then sets up regulators and admits agencies."""
    from market.cli.first_operator import CannotSetUp, set_up_operator

    settings = settings_or_exit()
    try:
        await set_up_operator(settings, database_or_exit(settings).dsn, given)
    except CannotSetUp as problem:
        click.secho(f"Not set up: {problem}", fg="red", err=True)
        sys.exit(2)
    click.secho("The operator can sign in now; a second factor is set up at the first sign-in.", fg="green")


main.add_command(verify_command, "verify")
main.add_command(bench, "bench")
main.add_command(register, "register")
main.add_command(flags, "flags")
main.add_command(credit, "credit")
main.add_command(search, "search")
