"""A wire to PostgreSQL that can be cut at any message: what a process killed at that moment looks like to the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Moment = Literal["before", "after"]


class Wire:
    """`cut_at(n, "before")`: the n-th message from now on does not arrive any more; "after": its answer does not."""

    def __init__(self, dsn: str) -> None:
        self.target = urlsplit(dsn)
        self.dsn = ""
        self.cuts = 0
        self._left: int | None = None
        self._moment: Moment = "before"
        self._closing: list[asyncio.StreamWriter] = []

    def cut_at(self, message: int, moment: Moment) -> None:
        self._left, self._moment = message, moment

    def mend(self) -> None:
        self._left = None

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self.target.query)
        host = query.get("host", [self.target.hostname or ""])[0]
        port = int(query.get("port", [self.target.port or 5432])[0])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await self._reach()
        self._closing += [writer, server_writer]
        back = asyncio.create_task(self._pump(server_reader, writer))
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self._counts_down() and self._moment == "before":
                    break
                if self._left == 0:
                    back.cancel()
                server_writer.write(data)
                await server_writer.drain()
                if self._left == 0:
                    break
        if self._left == 0:
            self.cuts += 1
            self._left = None
        for one in (server_writer, writer):
            one.close()
        with suppress(asyncio.CancelledError):
            await back

    def _counts_down(self) -> bool:
        if self._left is None:
            return False
        self._left -= 1
        return self._left == 0

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def wire_to(dsn: str) -> AsyncIterator[Wire]:
    wire = Wire(dsn)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = wire.target.username or "postgres"
    wire.dsn = f"postgresql://{user}:{wire.target.password or ''}@127.0.0.1:{port}{wire.target.path}?sslmode=disable"
    try:
        yield wire
    finally:
        server.close()
        for writer in wire._closing:
            writer.close()
        await server.wait_closed()
