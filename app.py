"""The composition root: every package's routes, hooks and jobs come together here, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from litestar import Litestar

from market.accounts.queries import load_viewer
from market.assembly import ROUTES, open_beacon
from market.kernel import db
from market.kernel.files import open_store
from market.kernel.postgres import Database
from market.kernel.settings import Settings
from market.kernel.times import load_calendar, load_clock
from market.kernel.worker import run_worker
from market.web.context import Running
from market.web.errors import EXCEPTION_HANDLERS
from market.web.security import Outermost, refuse_forged


def create_app(settings: Settings, database: Database) -> Litestar:
    """The web application on a migrated database. Its lifespan opens the pool and, by setting, runs a worker."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        await db.connect(database.dsn, pool_size=settings.database_pool)
        try:
            app.state.running = await assemble(settings, database.dsn)
            async with _worker(settings, app.state.running):
                yield
        finally:
            await db.disconnect()

    app = Litestar(
        route_handlers=list(ROUTES),
        lifespan=[lifespan],
        before_request=refuse_forged,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=settings.upload_limit_bytes * 3,
        openapi_config=None,
        debug=False,
        logging_config=None,
    )
    needs_second_factor = partial(load_viewer, second_factor_needed=settings.mode == "production")
    app.asgi_handler = Outermost(app.asgi_handler, load_viewer=needs_second_factor, secure_cookies=settings.cookie_secure)
    return app


async def assemble(settings: Settings, dsn: str) -> Running:
    """What requests and jobs need, on a connected database."""
    clock = await load_clock(settings)
    return Running(
        settings=settings, clock=clock, files=open_store(settings), calendar=await load_calendar(), dsn=dsn,
        beacon=open_beacon(settings, clock),
    )  # fmt: skip


@asynccontextmanager
async def _worker(settings: Settings, running: Running) -> AsyncIterator[None]:
    if not settings.run_worker:
        yield
        return
    working = asyncio.create_task(run_worker(running.dsn, running.clock), name="worker")
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
