"""How long `serve` takes until it answers, and what it then holds in memory: with payments (the simulated Alipay beside
it) against the same market without any. Alipay's SDK is imported at the first call, so it must not show here."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

import click
import httpx

from market.cli.bench.harness import Measurement, Part
from market.cli.bench.market import temporary_market
from market.cli.bench.progress import Progress

AIM = 0.8
PATIENCE = 60  # seconds
PAUSE = 0.01  # between two questions whether it answers


async def measure(runs: int, progress: Progress) -> Measurement:
    found: dict[str, list[tuple[float, float]]] = {"simulator": [], "off": []}
    async with temporary_market() as (_, running):
        folder = str(running.settings.data_dir)
        with progress.counting("start", len(found) * (runs + 1)) as step:
            for turn in range(runs + 1):  # the first one makes keys and warms caches
                for mode, kept in found.items():
                    figures = await _started(_environment(running.dsn, folder, mode))
                    if turn:
                        kept.append(figures)
                    step()
    with_payments, without = (_medians(found[mode]) for mode in ("simulator", "off"))
    parts = (
        Part("until serve answers", with_payments[0], without[0], better="lower", unit="s"),
        Part("memory of serve", with_payments[1], without[1], better="lower", unit="MB"),
    )
    return Measurement("start", "s, MB", AIM, runs, parts)


def _medians(figures: list[tuple[float, float]]) -> tuple[float, float]:
    return median(seconds for seconds, _ in figures), median(megabytes for _, megabytes in figures)


def free_port() -> str:
    """A loopback port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return str(sock.getsockname()[1])


def _environment(dsn: str, folder: str, mode: str) -> dict[str, str]:
    return {
        **os.environ, "MODE": "test", "DATABASE_URL": dsn, "DATA_DIR": folder, "ALIPAY_MODE": mode, "PORT": free_port(),
        "SIMULATOR_PORT": free_port(), "CLOCK_SPEED": "1",
    }  # fmt: skip


async def _started(environ: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until the first answer, and megabytes of resident memory then."""
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "market", "serve", env=dict(environ), stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as visitor:
            while not await _answers(visitor, f"http://127.0.0.1:{environ['PORT']}/healthz"):
                if process.returncode is not None:
                    raise click.ClickException("the market did not start")
                await asyncio.sleep(PAUSE)
        return perf_counter() - began, _resident(process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _answers(visitor: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await visitor.get(address)).status_code == 200
    except httpx.TransportError:
        return False


def _resident(pid: int) -> float:
    """Megabytes, as Linux counts them."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise click.ClickException("this system does not tell the memory of a process")
