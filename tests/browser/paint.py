"""`python -m tests.browser.paint`: what Chromium itself says of how pages of a running market appear on a telephone with a
slow line and a slow processor. `SITE=http://…` names the market.

The telephone is the one that Lighthouse supposes: 1.6 Mbit/s with 150 ms to and fro, a processor four times slower.
"""

from __future__ import annotations

import asyncio
import os
from statistics import median
from typing import Any, NamedTuple

import click
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.chromium import CHROMIUM, MISSING, open_chromium

PAGES = ("/", "/notices", "/agencies", "/statistics/funnel", "/search?q=测绘")
RUNS = 5
SIZE = ViewportSize(width=412, height=823)
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
# Watches from the first moment on: what was painted and moved before somebody asks is not told later in full.
WATCH = """(() => {
  const seen = window.seenByPaint = {};
  for (const type of ["paint", "largest-contentful-paint", "layout-shift", "longtask"]) {
    const entries = seen[type] = [];
    const watch = new PerformanceObserver(list => entries.push(...list.getEntries()));
    watch.observe({type, buffered: true});
    entries.rest = () => entries.push(...watch.takeRecords());
  }
})()"""
_SEEN = """() => Object.fromEntries(Object.entries(window.seenByPaint).map(([type, entries]) => {
  entries.rest();
  return [type, entries.map(one => ({
    name: one.name, start: one.startTime, lasted: one.duration, moved: one.hadRecentInput ? 0 : one.value ?? 0
  }))];
}))"""
LONG_TASK = 50  # ms that a task may take before it counts as blocking


class Figures(NamedTuple):
    """Milliseconds since the page was asked for; `moved` is the share of the screen that jumped while it loaded."""

    first_paint: float
    largest_paint: float
    blocked: float
    moved: float


async def figures(page: Page) -> Figures:
    """Of the page that stands there, opened while `WATCH` was an initial script of it."""
    seen: dict[str, list[dict[str, Any]]] = await page.evaluate(_SEEN)
    first = next(one["start"] for one in seen["paint"] if one["name"] == "first-contentful-paint")
    return Figures(
        first_paint=first,
        largest_paint=seen["largest-contentful-paint"][-1]["start"],
        blocked=sum(one["lasted"] - LONG_TASK for one in seen["longtask"]),
        moved=sum(one["moved"] for one in seen["layout-shift"]),
    )


async def _on_a_telephone(browser: Browser, address: str) -> Figures:
    context = await browser.new_context(viewport=SIZE, locale="zh-CN", is_mobile=True, device_scale_factor=1.75)
    try:
        page = await _slow(context)
        await page.goto(address, wait_until="networkidle")
        return await figures(page)
    finally:
        await context.close()


async def _slow(context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.add_init_script(WATCH)
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", LINE)
    await line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


async def main(site: str) -> None:
    if CHROMIUM is None:
        raise SystemExit(MISSING)
    async with open_chromium(CHROMIUM) as browser:
        for path in PAGES:
            runs = [await _on_a_telephone(browser, f"{site}{path}") for _ in range(RUNS)]
            middle = Figures(*(median(values) for values in zip(*runs, strict=True)))
            click.echo(
                f"{path:24} first paint {middle.first_paint:5.0f} ms, largest {middle.largest_paint:5.0f} ms, "
                f"blocked {middle.blocked:4.0f} ms, moved {middle.moved:.3f}"
            )


if __name__ == "__main__":
    asyncio.run(main(os.environ.get("SITE", "http://127.0.0.1:8000")))
