"""Serving: refuses what must not be served, prepares the database in demo mode, and says where the market is."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from contextlib import suppress

import asyncpg
import click
import uvicorn
from litestar import Litestar

from app import assembled, create_app
from market.cli.listening import NotServable, listen
from market.cli.preparation import prepare
from market.cli.simulating import market_clock, simulated_alipay
from market.kernel.migrate import pending
from market.kernel.postgres import Database
from market.kernel.settings import Settings
from market.kernel.worker import run_worker
from market.notices.post import where_messages_go
from market.payments.opening import NoPayments, account_of
from market.search.meilisearch.opening import NoSearchServer, check_settings
from market.web.server import MarketServer


async def check_servable(settings: Settings, dsn: str) -> None:
    """Production never runs on a demonstration's database, nor on an old schema; nobody pays with keys that do not fit."""
    try:
        account_of(settings)
        check_settings(settings)
    except (NoPayments, NoSearchServer) as problem:
        raise NotServable(str(problem)) from None
    link = await asyncpg.connect(dsn)
    try:
        missing = await pending(link)
        if missing and settings.mode == "production":
            raise NotServable(f"{len(missing)} migrations are pending: run `python -m market migrate` first.")
        if settings.mode == "production" and await link.fetchval("SELECT count(*) FROM demonstration"):
            raise NotServable("this database holds the demonstration with its public passwords: use another one.")
    finally:
        await link.close()


def serve_market(settings: Settings, database: Database, host: str, port: int) -> None:
    """Blocks until stopped by a signal."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(_prepared(settings, database.dsn))
        sock = listen(host, port)
    except NotServable as problem:
        click.secho(f"Not started: {problem}", fg="red", err=True)
        sys.exit(4)
    click.secho(f"{settings.site_name}: http://{host}:{port}  (Ctrl+C stops it)", fg="green")
    click.secho(where_messages_go(settings))
    config = uvicorn.Config(
        _put_together(settings, database.dsn), log_level="warning", lifespan="on", server_header=False, date_header=True,
        proxy_headers=True, forwarded_allow_ips="127.0.0.1",
    )  # fmt: skip
    _MarketServer(config, settings, database.dsn).run(sockets=[sock])


def _put_together(settings: Settings, dsn: str) -> Litestar:
    """The application. It stays for good: the collector of garbage need never walk through it, which stops all requests
    for a fifth of a second."""
    site = create_app(settings, dsn)
    gc.freeze()
    return site


class _MarketServer(MarketServer):
    """The market, and beside it the simulated Alipay where the settings want one."""

    def __init__(self, config: uvicorn.Config, settings: Settings, dsn: str) -> None:
        super().__init__(config)
        self._settings, self._dsn = settings, dsn

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        wanted = self._settings.payments == "simulator"
        clock = await market_clock(self._settings, self._dsn) if wanted else None
        async with simulated_alipay(self._settings, clock):
            await super().serve(sockets=sockets)


async def _prepared(settings: Settings, dsn: str) -> None:
    if settings.mode != "production":
        await prepare(dsn)
    await check_servable(settings, dsn)


async def work(settings: Settings, database: Database) -> None:
    """A worker alone, until SIGTERM or Ctrl+C."""
    await _prepared(settings, database.dsn)
    click.secho("Working: jobs and deadlines. Ctrl+C stops it.", fg="green")
    async with assembled(settings, database.dsn) as running:
        task = asyncio.create_task(run_worker(running.dsn, running.clock))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        with suppress(asyncio.CancelledError):
            await task
