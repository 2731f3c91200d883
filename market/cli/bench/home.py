"""What the front page costs its visitor, over real HTTP: bytes, requests and the time to the first byte, against a bare
page that carries the same text and nothing else. The market runs as `serve` does, with 10,000 projects."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from urllib.parse import urljoin

import click
import httpx
import uvicorn

from market.cli.bench.harness import Measurement, Part
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.pages import bare_site
from market.cli.bench.progress import Progress
from market.cli.bench.start import free_port

PROJECTS = 10_000
AIM = 0.5
MOST_BYTES = 150_000
MOST_REQUESTS = 15
ASKED = 50  # times in each run
PATIENCE = 60  # seconds
PAUSE = 0.05  # between two questions whether it answers
_COMPRESSED = {"accept-encoding": "br, gzip", "accept-language": "zh-CN"}
_LOADED = re.compile(
    r'<(?:script|img)\b[^>]*?\bsrc="([^"]+)"'
    r'|<link\b(?=[^>]*\brel="(?:stylesheet|icon|modulepreload|preload|manifest)")[^>]*?\bhref="([^"]+)"'
)
_IMPORTED = re.compile(
    r'\b(?:from|import)\s*"(\.{1,2}/[^"]+\.js)"'
)  # what is imported at once, not import("…") on demand


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market() as (_, running):
        await populate(running.dsn, projects=PROJECTS, chain=running.beacon.chain.hash)
        async with _serving(running.dsn, str(running.settings.data_dir)) as address, _visitor() as visitor:
            sizes = await _loaded(visitor, address)
            async with _bare(len((await visitor.get(address)).content)) as bare:
                with progress.counting("home", runs + 1) as step:
                    times = await _times(visitor, address, bare, runs, step)
    own, floor = (median(found) for found in times)
    parts = (
        Part("time to the first byte", own, floor, better="lower", unit="ms"),
        Part("transferred", sum(sizes.values()) / 1000, sizes[address] / 1000, "lower", counts=False, limit=MOST_BYTES / 1000, unit="kB"),
        Part("requests", len(sizes), 1, "lower", counts=False, limit=MOST_REQUESTS + 1, unit="requests"),
    )  # fmt: skip
    return Measurement("home", "ms", AIM, runs, parts)


@asynccontextmanager
async def _visitor() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, headers=_COMPRESSED, timeout=PATIENCE) as visitor:
        yield visitor


async def _loaded(visitor: httpx.AsyncClient, address: str) -> dict[str, int]:
    """Address -> bytes on the wire with their headers: the page, and whatever a browser loads with it."""
    sizes: dict[str, int] = {}
    waiting = [address]
    while waiting:
        one = waiting.pop()
        if one in sizes:
            continue
        answer = await visitor.get(one)
        answer.raise_for_status()
        sizes[one] = answer.num_bytes_downloaded + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        waiting += [urljoin(one, found) for found in _parts_of(answer)]
    return sizes


def _parts_of(answer: httpx.Response) -> list[str]:
    kind = answer.headers.get("content-type", "")
    if "html" in kind:
        return [script or link for script, link in _LOADED.findall(answer.text)]
    return _IMPORTED.findall(answer.text) if "javascript" in kind else []


async def _times(
    visitor: httpx.AsyncClient, own: str, bare: str, runs: int, step: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Medians of each run in milliseconds, the two asked by turns; the first run warms up and is thrown away."""
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(runs + 1):
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ASKED):
            for kept, address in zip(times, (own, bare), strict=True):
                kept.append(await _first_byte(visitor, address))
        if turn:
            for kept, taken in zip(found, times, strict=True):
                kept.append(median(taken))
        step()
    return found


async def _first_byte(visitor: httpx.AsyncClient, address: str) -> float:
    began = perf_counter()
    async with visitor.stream("GET", address) as answer:
        taken = (perf_counter() - began) * 1000
        await answer.aread()
    return taken


@asynccontextmanager
async def _serving(dsn: str, folder: str) -> AsyncIterator[str]:
    port = free_port()
    environ = {
        **os.environ, "MODE": "test", "DATABASE_URL": dsn, "DATA_DIR": folder, "ALIPAY_MODE": "off", "PORT": port,
        "CLOCK_SPEED": "1", "RUN_WORKER": "0",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "market", "serve", env=environ, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _until_answered(f"http://127.0.0.1:{port}/healthz", lambda: process.returncode is not None)
        yield f"http://127.0.0.1:{port}/"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_answered(address: str, ended: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE), _visitor() as visitor:
        while True:
            try:
                if (await visitor.get(address)).status_code == 200:
                    return
            except httpx.TransportError:
                if ended():
                    raise click.ClickException("the server did not start") from None
            await asyncio.sleep(PAUSE)


@asynccontextmanager
async def _bare(size: int) -> AsyncIterator[str]:
    """A page of the same size from a list in memory, behind the same kind of server, in this process."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(bare_site(size), lifespan="off", ws="none", log_level="warning"))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        address = f"http://127.0.0.1:{sock.getsockname()[1]}/"
        await _until_answered(address, task.done)
        yield address
    finally:
        server.should_exit = True
        await task
        sock.close()
