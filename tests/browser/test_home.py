"""The front page on a slow line: little to load, few requests, painted before its scripts are there, and nothing jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Route, expect

from tests.browser.chromium import PATIENCE_MS
from tests.browser.conftest import Arrive
from tests.browser.paint import WATCH, figures
from tests.browser.person import WIDE

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000
MOST_REQUESTS = 15
MOST_MOVED = 0.1  # of the screen: what Chromium's own makers call good
# What came over the line, the page itself included; a part that a cache had would count nothing, and there is none here.
_LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map(one => [one.name, one.transferSize])"""
_PAINTED = "() => new Promise(done => new PerformanceObserver(done).observe({type: 'paint', buffered: true}))"


@pytest.mark.parametrize("width", [WIDE, 360], indirect=True)
async def test_the_front_page_is_light_and_stands_still(
    arrive: Arrive, width: int, record_property: Callable[[str, object], None]
) -> None:
    visitor = await arrive()
    await visitor.page.add_init_script(WATCH)
    await visitor.page.goto(f"{visitor.site}/", wait_until="networkidle")
    loaded = await visitor.page.evaluate(_LOADED)
    assert all(size > 0 for _, size in loaded), loaded
    assert len(loaded) <= MOST_REQUESTS, loaded
    assert sum(size for _, size in loaded) <= MOST_BYTES, loaded
    found = await figures(visitor.page)
    for name, value in found._asdict().items():
        record_property(name, value)
    assert 0 < found.first_paint <= found.largest_paint, found
    assert found.moved <= MOST_MOVED, found


async def test_the_front_page_is_painted_while_its_scripts_are_on_the_way(arrive: Arrive) -> None:
    visitor = await arrive()
    page = visitor.page
    arrived = asyncio.Event()
    waiting: list[str] = []

    async def late(route: Route) -> None:
        waiting.append(route.request.url)
        await arrived.wait()
        await route.continue_()

    await page.route("**/*.js", late)
    await page.goto(f"{visitor.site}/", wait_until="commit")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await page.evaluate(_PAINTED)
    await expect(page.locator("main h1")).to_be_visible()
    assert waiting
    arrived.set()
    await page.wait_for_load_state("networkidle")
