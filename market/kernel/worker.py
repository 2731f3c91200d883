"""The worker: runs jobs, sweeps deadlines, and says every few seconds that it lives."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from market.kernel.clock import Clock, wall_now
from market.kernel.db import execute
from market.kernel.errands import ErrandFunction, errands
from market.kernel.jobs import take_up, worker_app
from market.kernel.sweep import sweep_all

PASS_SECONDS = 1.0
TAKE_UP_SECONDS = 15.0
ALIVE_SECONDS = 15  # /readyz: a heartbeat older than this means that no worker lives
log = logging.getLogger(__name__)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


async def beat() -> None:
    await execute(
        "INSERT INTO worker_heartbeat VALUES ($1, $2) ON CONFLICT (worker) DO UPDATE SET beat_at = $2",
        _name(), wall_now(),
    )  # fmt: skip


async def _for_ever(what: Callable[[], Awaitable[Any]], pause: float) -> None:
    """Deadlines must outlive an hour without database: what fails is tried again."""
    while True:
        try:
            await what()
        except Exception:
            log.exception("the worker could not do its rounds; it tries again")
        await asyncio.sleep(pause)


async def _sweep(clock: Clock) -> None:
    await beat()
    await sweep_all(clock)


def _on(clock: Clock, run: ErrandFunction) -> Callable[[], Awaitable[int]]:
    return lambda: run(clock)


async def run_worker(dsn: str, clock: Clock) -> None:
    """Runs until cancelled. Unfinished jobs of a killed worker are taken up again by another."""
    async with worker_app(dsn, clock) as app:
        beside = [
            asyncio.create_task(_for_ever(lambda: _sweep(clock), PASS_SECONDS), name="sweep"),
            asyncio.create_task(_for_ever(lambda: take_up(app), TAKE_UP_SECONDS), name="take up"),
            *(
                asyncio.create_task(_for_ever(_on(clock, run), PASS_SECONDS), name=name)
                for name, run in errands().items()
            ),
        ]
        try:
            await app.run_worker_async(
                queues=["market"], concurrency=4, install_signal_handlers=False, delete_jobs="successful",
                fetch_job_polling_interval=1.0, name=_name(),
            )  # fmt: skip
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
