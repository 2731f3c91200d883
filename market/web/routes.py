"""What every site has: static files, health, preferences."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, Response, get, post

from market.kernel.clock import wall_now
from market.kernel.db import DB, connection, fetch_value
from market.kernel.migrate import pending
from market.kernel.worker import ALIVE_SECONDS
from market.web.assets import static_route
from market.web.pages import PREFERENCES
from market.web.receipts import is_own_path, redirect
from market.web.security import set_cookie

AnyRequest = Request[Any, Any, Any]
A_YEAR = 365 * 24 * 3600


@get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz")
async def readyz() -> Response[dict[str, str]]:
    """The market can work: database, schema, a living worker. 503 with the reason otherwise."""
    checks = {"database": "ok", "migrations": "ok", "worker": "ok"}
    try:
        await fetch_value("SELECT 1")
        async with connection() as link:
            missing = await pending(link)
        if missing:
            checks["migrations"] = f"{len(missing)} pending"
        beat = await fetch_value("SELECT max(beat_at) FROM worker_heartbeat")
        if beat is None or (wall_now() - beat).total_seconds() > ALIVE_SECONDS:
            checks["worker"] = "no heartbeat"
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RuntimeError):
        checks = {"database": "unavailable" if DB.pool else "not connected"}
    healthy = all(value == "ok" for value in checks.values())
    return Response(checks, status_code=200 if healthy else 503)


@post("/preferences")
async def preferences(request: AnyRequest) -> Response[Any]:
    """Language, colours and size: kept in cookies for a year; then back to where the visitor was."""
    form = await request.form()
    for name, allowed in PREFERENCES.items():
        if form.get(name) in allowed:
            set_cookie(request, f"mx_{name}", str(form[name]), max_age=A_YEAR)
    back = str(form.get("back", ""))
    return redirect(request, back if is_own_path(back) else "/")


routes: list[Any] = [healthz, readyz, preferences, static_route()]
