"""What a load balancer asks: does the process answer, and can the market work?"""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.db import execute
from market.kernel.worker import ALIVE_SECONDS, beat


async def test_the_process_answers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_without_a_worker_the_market_is_not_ready(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "migrations": "ok", "worker": "no heartbeat"}


async def test_with_a_worker_it_is(client: httpx.AsyncClient) -> None:
    await beat()
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json().values()) == {"ok"}


async def test_a_worker_that_went_silent_does_not_count(client: httpx.AsyncClient) -> None:
    silent = wall_now() - timedelta(seconds=ALIVE_SECONDS + 1)
    await execute("INSERT INTO worker_heartbeat VALUES ('gone', $1)", silent)
    assert (await client.get("/readyz")).status_code == 503
    await beat()
    assert (await client.get("/readyz")).status_code == 200


async def test_a_pending_migration_is_told(client: httpx.AsyncClient) -> None:
    await beat()
    await execute("DELETE FROM migration WHERE name = (SELECT max(name) FROM migration)")
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "1 pending")


async def test_without_a_database_it_says_so(client: httpx.AsyncClient, database: str) -> None:
    await db.disconnect()
    try:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"database": "not connected"}
        assert (await client.get("/healthz")).status_code == 200
    finally:
        await db.connect(database, pool_size=2)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_sets_no_cookie(client: httpx.AsyncClient, path: str) -> None:
    assert "set-cookie" not in (await client.get(path)).headers
