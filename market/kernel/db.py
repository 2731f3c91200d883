"""The database: one engine, one way to open a transaction, plain SQL beside Piccolo's tables.

Piccolo's own transaction leaks its connection when BEGIN is cancelled or COMMIT fails, and silently ignores nesting; ours
does neither (docs/adr/0003-transactions.md).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

LONG_SECONDS = 3600


class MarketTransaction(PostgresTransaction):
    async def __aenter__(self) -> MarketTransaction:
        assert self.engine.pool is not None
        self.connection = await self.engine.pool.acquire()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:  # cancelled, too: the pool undoes what was begun
            await self.engine.pool.release(self.connection)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> bool:
        try:
            if exc is None:
                await self.commit()  # type: ignore[no-untyped-call]
            else:
                await self.rollback()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            await self.engine.pool.release(self.connection)  # type: ignore[union-attr]
        return False


class MarketEngine(PostgresEngine):
    """Configured by `connect`, not at import: so it does not look for a server before there is one."""

    async def check_version(self) -> None:
        return None

    async def prep_database(self) -> None:
        return None


DB = MarketEngine(config={})


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """The only way to write. Refuses nesting; no network call belongs inside."""
    async with MarketTransaction(DB, allow_nested=False):
        yield
        last = _last_of_all.get()
        if last is not None:
            await last()


_last_of_all: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("runs before each commit", default=None)


@contextmanager
def before_each_commit(last: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Within the block `last` runs at the end of every transaction, as part of it: what it writes stands if and only if
    the act stands."""
    token = _last_of_all.set(last)
    try:
        yield
    finally:
        _last_of_all.reset(token)


def last_before_commit() -> Callable[[], Awaitable[None]] | None:
    """What `before_each_commit` asks for here; for those who have their act written by another task."""
    return _last_of_all.get()


def require_transaction() -> None:
    """For functions that must write together with their caller's act."""
    if DB.current_transaction.get() is None:
        raise RuntimeError("this must run inside the transaction of the act it belongs to")


@asynccontextmanager
async def connection() -> AsyncIterator[asyncpg.Connection]:
    """The connection of the open transaction, else one of the pool's for the time of the block."""
    current = DB.current_transaction.get()
    if current is not None:
        yield current.connection
        return
    if DB.pool is None:
        raise RuntimeError("the database is not connected")
    async with DB.pool.acquire() as borrowed:
        yield borrowed


async def fetch(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with connection() as link:
        return [dict(row) for row in await link.fetch(sql, *args)]


async def fetch_long(sql: str, *args: Any) -> list[dict[str, Any]]:
    """The same for a question about a million rows, which jobs ask; an hour at most."""
    async with connection() as link:
        return [dict(row) for row in await link.fetch(sql, *args, timeout=LONG_SECONDS)]


async def fetch_one(sql: str, *args: Any) -> dict[str, Any] | None:
    async with connection() as link:
        row = await link.fetchrow(sql, *args)
        return dict(row) if row is not None else None


async def fetch_value(sql: str, *args: Any) -> Any:
    async with connection() as link:
        return await link.fetchval(sql, *args)


async def execute(sql: str, *args: Any) -> int:
    """Runs a statement; returns the number of rows it touched."""
    async with connection() as link:
        return _touched(await link.execute(sql, *args))


async def execute_long(sql: str, *args: Any) -> int:
    """The same for a statement over a million rows, which may take longer than any other (an hour at most)."""
    async with connection() as link:
        return _touched(await link.execute(sql, *args, timeout=LONG_SECONDS))


def _touched(status: str) -> int:
    tail = status.rsplit(" ", 1)[-1]
    return int(tail) if tail.isdigit() else 0


async def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    async with connection() as link:
        await link.executemany(sql, rows)


def to_json(value: Any) -> str:
    """JSONB parameter: asyncpg takes and gives JSON as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


async def _nothing_to_reset(link: asyncpg.Connection) -> None:
    """No code of ours changes a session's state (a house rule), so giving a connection back costs no round trip.
    asyncpg itself still ends a transaction that was left open."""


async def connect(dsn: str, *, pool_size: int) -> None:
    DB.config = {"dsn": dsn}
    await DB.start_connection_pool(
        min_size=1, max_size=pool_size, command_timeout=60, reset=_nothing_to_reset, statement_cache_size=1000,
        server_settings={"jit": "off"},  # our queries are short: compiling one costs more than running it
    )  # fmt: skip


async def disconnect() -> None:
    await DB.close_connection_pool()
