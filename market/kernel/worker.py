"""The worker: runs jobs, sweeps deadlines, and says every few seconds that it lives."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress

from market.kernel.clock import Clock, wall_now
from market.kernel.db import execute
from market.kernel.jobs import worker_app
from market.kernel.sweep import sweep_all

PASS_SECONDS = 1.0
ALIVE_SECONDS = 15  # /readyz: a heartbeat older than this means that no worker lives


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


async def beat() -> None:
    await execute(
        "INSERT INTO worker_heartbeat VALUES ($1, $2) ON CONFLICT (worker) DO UPDATE SET beat_at = $2",
        _name(), wall_now(),
    )  # fmt: skip


async def _sweep_for_ever(clock: Clock) -> None:
    while True:
        await beat()
        await sweep_all(clock)
        await asyncio.sleep(PASS_SECONDS)


async def run_worker(dsn: str, clock: Clock) -> None:
    """Runs until cancelled. Unfinished jobs of a killed worker are taken up again by another."""
    async with worker_app(dsn, clock) as app:
        sweeping = asyncio.create_task(_sweep_for_ever(clock), name="sweep")
        try:
            await app.run_worker_async(
                queues=["market"], concurrency=4, install_signal_handlers=False, delete_jobs="successful",
                fetch_job_polling_interval=1.0, name=_name(),
            )  # fmt: skip
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
