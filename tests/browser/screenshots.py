"""`python -m tests.browser.screenshots`: the pictures of the README, taken from the demonstration market.

Builds a demonstration of its own in a temporary folder, serves it on a free port, and writes docs/images/*.png.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import click
import httpx
from playwright.async_api import Browser, Page, ViewportSize

from market.site.demo_accounts import PASSWORD
from tests.browser.chromium import CHROMIUM, MISSING, open_chromium

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=880)
MOST_BYTES = 250_000


async def home(page: Page) -> None:
    await page.goto("/")


async def project(page: Page) -> None:
    """The newest result: its page shows every step of the path up to the notice."""
    await page.goto("/results")
    await page.locator('main a[href^="/projects/"]').first.click()
    await page.wait_for_load_state()


async def draw(page: Page) -> None:
    """Just after the reader's own browser has repeated the draw."""
    await project(page)
    await page.locator('main a[href*="/rounds/"]').first.click()
    check = page.locator("draw-check")
    await check.get_by_role("button").first.click()
    await check.locator('[data-part="seal"]').wait_for()
    await check.evaluate("one => one.scrollIntoView({block: 'start'})")
    await page.mouse.wheel(0, -90)


async def notice_form(page: Page) -> None:
    await _sign_in(page, "owner1")
    await page.goto("/owner/drafts")
    await page.locator('main a[href^="/owner/drafts/"]').first.click()


async def credit(page: Page) -> None:
    """The statement of an agency that is in trouble."""
    await _sign_in(page, "agency3")
    await page.goto("/workbench")
    address = await page.locator('a[href^="/agencies/"][href$="/credit"]').first.get_attribute("href")
    assert address is not None
    await page.goto(address)
    await page.locator("main .page__columns").evaluate("one => one.scrollIntoView({block: 'start'})")


async def workbench(page: Page) -> None:
    await _sign_in(page, "owner1")
    await page.goto("/workbench")


async def statistics(page: Page) -> None:
    await page.goto("/statistics")
    await page.locator("canvas").first.wait_for()


async def _sign_in(page: Page, login: str) -> None:
    await page.goto("/sign-in")
    await page.locator('[name="login"]').fill(login)
    await page.locator('[name="password"]').fill(PASSWORD)
    await page.locator('main form [type="submit"]').first.click()
    await page.wait_for_url("**/workbench*")


PICTURES: dict[str, Callable[[Page], Awaitable[None]]] = {
    "home": home, "project": project, "draw": draw, "notice-form": notice_form, "credit": credit, "workbench": workbench,
    "statistics": statistics,
}  # fmt: skip


@asynccontextmanager
async def _demonstration(folder: Path) -> AsyncIterator[str]:
    """A demonstration market of our own; yields its address."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    environment = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    environment.pop("DATABASE_URL", None)
    built = await asyncio.create_subprocess_exec(sys.executable, "-m", "market", "demo", cwd=ROOT, env=environment)
    if await built.wait():
        raise SystemExit("the demonstration could not be built")
    serving = await asyncio.create_subprocess_exec(sys.executable, "-m", "market", "serve", cwd=ROOT, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        await _answering(address)
        yield address
    finally:
        serving.terminate()
        await serving.wait()


async def _answering(address: str) -> None:
    """Waits until it answers: connections are tried again with growing pauses, for about a minute."""
    async with httpx.AsyncClient(base_url=address, transport=httpx.AsyncHTTPTransport(retries=8)) as client:
        (await client.get("/healthz")).raise_for_status()


async def _take(browser: Browser, address: str, name: str) -> None:
    context = await browser.new_context(viewport=SIZE, locale="zh-CN", base_url=address, reduced_motion="reduce")
    page = await context.new_page()
    await PICTURES[name](page)
    await page.wait_for_load_state("networkidle")
    picture = await page.screenshot(path=IMAGES / f"{name}.png")
    await context.close()
    if len(picture) > MOST_BYTES:
        raise SystemExit(f"{name}.png is too large: {len(picture):,} bytes")
    click.echo(f"{name}.png {len(picture):,} bytes")


async def main() -> None:
    if CHROMIUM is None:
        raise SystemExit(MISSING)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with _demonstration(Path(folder)) as address, open_chromium(CHROMIUM) as browser:
            for name in PICTURES:
                await _take(browser, address, name)


if __name__ == "__main__":
    asyncio.run(main())
