"""The composition root: every package's routes, jobs and hooks come together here, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import asyncpg
from litestar import Litestar, Request, Response, Router

import agencies.jobs
import agencies.routes
import market.accounts.jobs
import market.accounts.routes
import market.accounts.tokens.routes
import market.api.jobs
import market.api.routes
import market.beacon.jobs
import market.beacon.routes
import market.catalogue.routes
import market.notices.jobs
import market.notices.routes
import market.payments.jobs
import market.payments.routes
import market.register.jobs
import market.register.routes
import market.search.meilisearch.jobs
import market.search.meilisearch.routes
import market.site.jobs
import market.site.routes
import market.web.routes
import projects.bonds.jobs
import projects.bonds.panels
import projects.bonds.routes
import projects.complaints.jobs
import projects.complaints.routes
import projects.contracts.changes.jobs
import projects.contracts.jobs
import projects.contracts.routes
import projects.disputes.jobs
import projects.disputes.routes
import projects.experts.jobs
import projects.experts.routes
import projects.failed.jobs
import projects.failed.routes
import projects.fulfilment.jobs
import projects.fulfilment.rescission.jobs
import projects.fulfilment.rescission.panels
import projects.fulfilment.routes
import projects.page.routes
import projects.payments.jobs
import projects.payments.panels
import projects.payments.routes
import projects.posting.jobs
import projects.posting.routes
import projects.selection.jobs
import projects.selection.live.jobs
import projects.selection.live.routes
import projects.selection.rounds.jobs
import projects.selection.routes
import projects.verdicts.routes
import ratings.jobs
import ratings.routes
from market.accounts.queries import load_viewer
from market.accounts.tokens.queries import load_token
from market.api.limits import count
from market.beacon.source import open_beacon
from market.kernel import db
from market.kernel.files import open_store
from market.kernel.settings import Settings
from market.kernel.times import load_calendar, load_clock
from market.kernel.worker import run_worker
from market.notices.post import open_post
from market.payments.opening import open_gateway
from market.register.keys import open_keys
from market.search.meilisearch.opening import open_search
from market.web.context import Running
from market.web.errors import EXCEPTION_HANDLERS
from market.web.kept import KeptPages, keep_page, kept_page
from market.web.security import Outermost, refuse_forged, refuse_unusable
from projects.contracts.signing.notary import open_notary

PACKAGES = (
    market.web, market.accounts, market.accounts.tokens, market.catalogue, market.beacon, market.register, market.payments, market.notices, market.search.meilisearch, agencies, projects.page,
    projects.posting, projects.experts, projects.selection, projects.selection.live, projects.contracts, projects.bonds, projects.complaints,
    projects.failed, projects.fulfilment, projects.payments, projects.disputes, projects.verdicts, ratings, market.site, market.api,
)  # fmt: skip
ROUTES: list[Any] = [route for package in PACKAGES for route in package.routes.routes]
CALENDAR_SECONDS = 10
log = logging.getLogger(__name__)
BODY_LIMIT_IN_UPLOADS = 3  # one form may carry several files, each within the upload limit


def create_app(settings: Settings, dsn: str) -> Litestar:
    """The web application on a migrated database. Its lifespan opens the pool and, by setting, runs a worker."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with assembled(settings, dsn) as running:
            app.state.running = running
            async with _beside(_keep_calendar(running)), _worker(running):
                yield

    app = Litestar(
        # One router a package: what registering a route costs grows with the number of those beside it.
        route_handlers=[Router("/", route_handlers=package.routes.routes) for package in PACKAGES],
        lifespan=[lifespan],
        before_request=before_request,
        after_response=keep_page,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=settings.upload_limit_bytes * BODY_LIMIT_IN_UPLOADS,
        openapi_config=None,
        logging_config=None,
    )
    viewer = partial(load_viewer, second_factor_needed=settings.mode == "production")
    app.state.kept = KeptPages()
    app.asgi_handler = Outermost(app.asgi_handler, load_viewer=viewer, load_token=load_token, count=count)
    return app


async def before_request(request: Request[Any, Any, Any]) -> Response[str] | None:
    await refuse_unusable(request)
    await refuse_forged(request)
    return await kept_page(request)


@asynccontextmanager
async def assembled(settings: Settings, dsn: str) -> AsyncIterator[Running]:
    """The connected market: what requests, jobs and commands need."""
    await db.connect(dsn, pool_size=settings.database_pool)
    try:
        clock = await load_clock(settings)
        open_keys(settings)
        beacon = open_beacon(settings, clock)
        gateway = open_gateway(settings)
        search = open_search(settings)
        open_post(settings)
        try:
            files = open_store(settings)
            open_notary(settings, files)
            yield Running(
                settings=settings, clock=clock, files=files, calendar=await load_calendar(), dsn=dsn, beacon=beacon,
            )  # fmt: skip
        finally:
            await beacon.close()
            if gateway is not None:
                await gateway.client.close()
            if search is not None:
                search.close()
    finally:
        await db.disconnect()


@asynccontextmanager
async def _worker(running: Running) -> AsyncIterator[None]:
    if not running.settings.run_worker:
        yield
        return
    async with _beside(run_worker(running.dsn, running.clock)):
        yield


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs something for ever beside the block, and stops it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_calendar(running: Running) -> None:
    """Another process may have recorded a correction of the calendar: this one knows of it a moment later."""
    while True:
        await asyncio.sleep(CALENDAR_SECONDS)
        try:
            running.calendar = await load_calendar()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            log.warning("the calendar could not be read again; the one in use stays")
