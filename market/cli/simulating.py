"""The simulated Alipay beside the market: on this machine only, and never where real money is paid."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import click
import uvicorn

from market.cli.listening import NotServable, listen
from market.kernel import db
from market.kernel.clock import Clock
from market.kernel.settings import Settings
from market.kernel.times import load_clock
from market.payments.opening import SIMULATOR_FOLDER
from market.payments.simulator.app import Simulator, open_simulator

HOST = "127.0.0.1"


class _Beside(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def address_of(settings: Settings) -> str:
    return f"http://{HOST}:{settings.simulator_port}"


async def market_clock(settings: Settings, dsn: str) -> Clock:
    """The simulator lives by the market's clock: expiries and the schedule of notifies run as fast as it does."""
    await db.connect(dsn, pool_size=1)
    try:
        return await load_clock(settings)
    finally:
        await db.disconnect()


async def run_simulator(simulator: Simulator, sock: Any) -> None:
    """Serves, and lets its time pass, until cancelled."""
    server = _Beside(uvicorn.Config(simulator, log_level="warning", lifespan="off", server_header=False))
    passing = asyncio.create_task(simulator.run())
    try:
        await server.serve(sockets=[sock])
    finally:
        passing.cancel()
        with suppress(asyncio.CancelledError):
            await passing
        await simulator.close()


@asynccontextmanager
async def simulated_alipay(settings: Settings, clock: Clock | None) -> AsyncIterator[None]:
    """Beside the block, where the settings want it; a port that is taken is said and stops nothing."""
    if clock is None:
        yield
        return
    try:
        sock = listen(HOST, settings.simulator_port)
    except NotServable as problem:
        click.secho(f"The simulated Alipay does not run here: {problem} (SIMULATOR_PORT)", fg="yellow", err=True)
        yield
        return
    simulator = open_simulator(settings.data_dir / SIMULATOR_FOLDER, clock, address_of(settings))
    running = asyncio.create_task(run_simulator(simulator, sock))
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def serve_simulator(settings: Settings, dsn: str) -> None:
    """Alone, until Ctrl+C. Exits with 2 where the settings pay with the real Alipay, with 4 where the port is taken."""
    if settings.payments != "simulator":
        click.secho("ALIPAY_MODE names no simulator: nothing to run.", fg="red", err=True)
        sys.exit(2)
    try:
        sock = listen(HOST, settings.simulator_port)
    except NotServable as problem:
        click.secho(f"Not started: {problem}", fg="red", err=True)
        sys.exit(4)
    clock = await market_clock(settings, dsn)
    click.secho(f"Simulated Alipay: {address_of(settings)}  (Ctrl+C stops it)", fg="green")
    await run_simulator(open_simulator(settings.data_dir / SIMULATOR_FOLDER, clock, address_of(settings)), sock)
