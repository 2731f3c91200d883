"""The market as processes of its own that are killed at a chosen step.

Nothing in the product knows of it. Two parties stand around the process and see each step as it is made: a wire to
PostgreSQL, which all its statements pass, and the simulated Alipay, which gets all its calls. Either sends SIGKILL.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import asyncpg

At = Literal["statement", "commit", "committed"]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["app", "market.cli.serving"])


def _serve(environ: dict[str, str]) -> None:
    """`python -m market serve`, in a process that has imported everything already."""
    from market.cli.commands import main

    os.environ.clear()
    os.environ.update(environ)
    main(["serve"], standalone_mode=False)


@dataclass
class Market:
    """One market on one port, whose process dies and is started again."""

    environ: dict[str, str]
    process: ForkServerProcess | None = None

    def start(self) -> None:
        assert self.process is None
        self.process = _FORKS.Process(target=_serve, args=(self.environ,), daemon=True)
        self.process.start()

    def kill(self) -> None:
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)

    def buried(self) -> int | None:
        """What it died of."""
        assert self.process is not None
        self.process.join(20)
        died_of, self.process = self.process.exitcode, None
        return died_of


@dataclass
class _Link:
    """One connection: the statements it prepared, and whether the open transaction made the one that is waited for."""

    statements: dict[bytes, bytes] = field(default_factory=dict)
    marked: bool = False
    committing: bool = False


@dataclass
class Wire:
    """Between the market and PostgreSQL. `trap(words, at)`: the first statement with these words ends the process before it
    is made, before its transaction is committed, or after that and before the process has heard of it."""

    folder: Path
    server: str
    strike: Callable[[], None]
    words: bytes | None = None
    at: At = "statement"
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    def trap(self, words: str, at: At) -> None:
        self.words, self.at = words.encode(), at
        self.struck = asyncio.Event()

    def _end(self) -> None:
        self.words = None
        self.strike()
        self.struck.set()
        raise ConnectionAbortedError

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self.server)
        link = _Link()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(reader, ours, link))
                both.create_task(self._down(theirs, writer, link))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        for one in (writer, ours):
            one.close()

    async def _up(self, reader: asyncio.StreamReader, ours: asyncio.StreamWriter, link: _Link) -> None:
        first = await reader.readexactly(4)
        ours.write(first + await reader.readexactly(int.from_bytes(first) - 4))
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
            self._see(head[:1], body, link)
            ours.write(head + body)
            await ours.drain()

    def _see(self, kind: bytes, body: bytes, link: _Link) -> None:
        if kind == b"P":
            name, sql, _ = body.split(b"\0", 2)
            link.statements[name] = sql
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self._made(link.statements.get(name, b""), link)
        elif kind == b"Q":
            self._made(body, link)

    def _made(self, sql: bytes, link: _Link) -> None:
        if self.words is not None and self.words in sql:
            link.marked = True
            if self.at == "statement":
                self._end()
        if sql.startswith(b"COMMIT") and link.marked and self.words is not None:
            if self.at == "commit":
                self._end()
            link.committing = True
        link.marked = link.marked and not sql.startswith((b"COMMIT", b"ROLLBACK"))

    async def _down(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link) -> None:
        while data := await theirs.read(65536):
            if link.committing and b"COMMIT\0" in data:
                self._end()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


@asynccontextmanager
async def wire_to(dsn: str, strike: Callable[[], None]) -> AsyncIterator[tuple[Wire, str]]:
    """The wire, and the address at which the market finds its database behind it."""
    link = await asyncpg.connect(dsn)
    where = await link.fetchrow(
        "SELECT current_setting('unix_socket_directories') AS folders, current_setting('port') AS port"
    )
    await link.close()
    folder = Path(tempfile.mkdtemp(prefix="wire"))  # short: the path of a socket may have a hundred characters
    wire = Wire(folder, f"{where['folders'].split(',')[0].strip()}/.s.PGSQL.{where['port']}", strike)
    listening = await asyncio.start_unix_server(wire.answer, folder / ".s.PGSQL.5432")
    parts = urlsplit(dsn)
    user = parts.netloc.rpartition("@")[0] or "postgres"
    try:
        yield wire, f"postgresql://{user}@{parts.path}?host={folder}&port=5432"
    finally:
        listening.close()
        shutil.rmtree(folder)
