"""The pages of the catalogue alone, on this test's database: no other package has to work for them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

import market.catalogue.routes
import market.web.routes
from market.kernel.calendar import Calendar
from market.kernel.clock import FixedClock
from market.kernel.files import open_store
from market.kernel.settings import Settings
from market.web.context import Running
from market.web.errors import EXCEPTION_HANDLERS
from market.web.security import Outermost
from market.web.viewer import ANONYMOUS, Viewer
from tests.visitor import transport_to


async def nobody(token: str) -> Viewer:
    return ANONYMOUS


@pytest.fixture
async def reader(database: str, clock: FixedClock, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous visitor of catalogue and rulebook."""
    app = Litestar(
        route_handlers=[*market.web.routes.routes, *market.catalogue.routes.routes],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Outermost(app.asgi_handler, load_viewer=nobody)
    app.state.running = Running(
        settings=settings, clock=clock, files=open_store(settings), calendar=Calendar(), dsn=database
    )
    async with httpx.AsyncClient(transport=transport_to(app), base_url="http://127.0.0.1") as client:
        yield client
