"""A market at an address of its own, for what speaks over a socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import uvicorn
from litestar import Litestar

from market.web.server import MarketServer

PATIENCE = 60  # seconds until a server that does not stop fails its test


# Below those that the system gives to outgoing connections (from 32768 on): one of these would take the port while its
# server is down. Each process of the tests counts through a thousand of its own.
_numbers = count(20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10))


def free_port() -> int:
    """A loopback port on which nobody listens, another one each time."""
    while True:
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port := next(_numbers)))
            except OSError:
                continue
            return port


@asynccontextmanager
async def served(site: Litestar) -> AsyncIterator[tuple[MarketServer, str]]:
    """The site in this loop, so that it shares the test's database and clock, and its address."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        server = MarketServer(uvicorn.Config(site, lifespan="off", ws="none", log_level="warning"))
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        try:
            yield server, f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            async with asyncio.timeout(PATIENCE):
                await serving
