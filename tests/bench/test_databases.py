"""A bench that was killed leaves its database behind; the next one drops it, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from market.cli.bench.market import HOLD, PREFIX, drop_left_behind


async def test_only_what_nobody_holds_is_dropped(server_dsn: str) -> None:
    left, held, foreign = (f"{start}{uuid4().hex}" for start in (PREFIX, PREFIX, f"my_{PREFIX}"))
    other, link = await asyncpg.connect(server_dsn), await asyncpg.connect(server_dsn)
    try:
        await other.execute(HOLD, held)
        for name in (left, held, foreign):
            await link.execute(f"CREATE DATABASE {name}")
        await drop_left_behind(link)
        names = {row["datname"] for row in await link.fetch("SELECT datname FROM pg_database")}
        assert names & {left, held, foreign} == {held, foreign}
        await other.close()
        await drop_left_behind(link)
        assert not await link.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", held)
        await link.execute(f"DROP DATABASE {foreign}")
    finally:
        await link.close()
