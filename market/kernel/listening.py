"""Notices of PostgreSQL (NOTIFY in an act's transaction): one listening connection a process, however many watch.

The connection belongs to no pool, so listening changes nobody else's session. It opens when somebody watches and closes
when nobody does any more; when it breaks it is opened again, and everything is looked at anew, since notices may have
been missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

Hear = Callable[[str | None], None]  # the notice's text; None: anything may have happened
PAUSE_SECONDS: Final = 1
ALIVE_SECONDS: Final = 15
log = logging.getLogger(__name__)


class Listener:
    """Listens to one channel of one database, in one event loop, while somebody wants it to."""

    def __init__(self, dsn: str, channel: str, hear: Hear) -> None:
        self._dsn, self._channel, self._hear = dsn, channel, hear
        self._wanted = 0
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def listening(self) -> bool:
        return self._ready.is_set()

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        """Within the block `hear` gets every notice. The block begins once the connection listens, or a moment later
        when the database cannot be reached: then `hear(None)` follows as soon as it can."""
        self._wanted += 1
        if self._task is None:
            self._task = asyncio.create_task(self._listen_for_ever(), name=f"notices of {self._channel}")
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), PAUSE_SECONDS)
            yield
        finally:
            self._wanted -= 1
            if not self._wanted:
                await self._stop()

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
                log.warning("not listening to %s for a moment: %s", self._channel, type(problem).__name__)
            self._ready.clear()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self) -> None:
        """Until the connection breaks."""
        link = await asyncpg.connect(self._dsn, command_timeout=ALIVE_SECONDS)
        broken = asyncio.Event()
        try:
            link.add_termination_listener(lambda _: broken.set())
            await link.add_listener(self._channel, self._on_notice)
            self._ready.set()
            self._hear(None)
            while not broken.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(broken.wait(), ALIVE_SECONDS)
                    continue
                await link.execute("SELECT 1")  # a line that was cut silently is found out
        finally:
            self._ready.clear()
            await _end(link)

    def _on_notice(self, link: Any, pid: int, channel: str, text: str) -> None:
        self._hear(text)


async def _end(link: asyncpg.Connection) -> None:
    try:
        await link.close(timeout=PAUSE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        link.terminate()
