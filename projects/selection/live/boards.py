"""Who watches which bidding, and what they see: the bids are read once a change however many watch, and a reader that
is slow gets the newest state and none of those that it missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

from market.kernel.listening import Listener
from projects.selection.live.actions import CHANNEL

Bests = Mapping[UUID, int]  # agency -> its best bid so far
Read = Callable[[], Awaitable[Bests]]


@dataclass(eq=False)
class Board:
    """The bids of one project. `heard` counts the changes that were heard of, `known` is the last one that was read."""

    read: Read
    heard: int = 0
    known: int = -1
    bests: Bests = field(default_factory=dict)
    watchers: int = 0
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self) -> None:
        self.heard += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def now(self) -> Bests:
        """As new as the last change that was heard of: many who ask at once cause one reading."""
        async with self._reading:
            if self.known != self.heard:
                mark = self.heard
                self.bests = await self.read()
                self.known = mark
            return self.bests

    async def wait(self, seen: int, *, seconds: float, over: asyncio.Event) -> bool:
        """Until something was heard that is newer than `seen`, the time is up, or the stream has to end. True when
        something was heard."""
        if self.heard != seen:
            return True
        heard, ended = asyncio.create_task(self._changed.wait()), asyncio.create_task(over.wait())
        try:
            await asyncio.wait({heard, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
            ended.cancel()
        return self.heard != seen


class Boards:
    """All boards that somebody watches in this process, behind one listening connection."""

    def __init__(self, dsn: str) -> None:
        self._listener = Listener(dsn, CHANNEL, self._hear)
        self._boards: dict[tuple[UUID, datetime], Board] = {}

    @asynccontextmanager
    async def watched(self, project_id: UUID, starts_at: datetime, read: Read) -> AsyncIterator[Board]:
        """The board of one bidding; within the block it hears of every bid."""
        key = (project_id, starts_at)
        board = self._boards.setdefault(key, Board(read))
        board.watchers += 1
        try:
            async with self._listener.on():
                yield board
        finally:
            board.watchers -= 1
            if not board.watchers:
                self._boards.pop(key, None)

    def _hear(self, project: str | None) -> None:
        for (project_id, _), board in list(self._boards.items()):
            if project is None or project == str(project_id):
                board.hear()


_BOARDS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Boards]] = WeakKeyDictionary()


def boards_of(dsn: str) -> Boards:
    """Those of this process (a test may run several loops and databases in one)."""
    known = _BOARDS.setdefault(asyncio.get_running_loop(), {})
    return known.setdefault(dsn, Boards(dsn))
