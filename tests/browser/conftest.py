"""A market in a real browser: served in the test's own event loop, so that the test moves its clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from litestar import Litestar
from playwright.async_api import Browser

from tests.browser.chromium import open_chromium, require_chromium
from tests.browser.inspection import Findings
from tests.browser.person import WIDE, Person, person_at
from tests.serving import served

Arrive = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    """One for all journeys of a worker; everybody in them has a context of their own, cookies and all."""
    async with open_chromium(require_chromium()) as browser:
        yield browser


@pytest.fixture
async def address(site: Litestar) -> AsyncIterator[str]:
    """The world's site on a free loopback port."""
    async with served(site) as (_, where):
        yield where


@pytest.fixture
async def findings() -> AsyncIterator[Findings]:
    """What the pages did wrong; a test that ends with any of it has failed."""
    found = Findings()
    yield found
    found.check()


@pytest.fixture
def width(request: pytest.FixtureRequest) -> int:
    """How wide everybody's screen is; a test may ask for others."""
    asked: int = getattr(request, "param", WIDE)
    return asked


@pytest.fixture
async def arrive(chromium: Browser, address: str, findings: Findings, width: int) -> AsyncIterator[Arrive]:
    """`await arrive()`: somebody new with a browser of their own."""

    async def arriving(**options: object) -> Person:
        return await person_at(chromium, address, findings, width, **options)

    yield arriving
    for context in chromium.contexts:
        await context.close()
