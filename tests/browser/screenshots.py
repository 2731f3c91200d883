"""`python -m tests.browser.screenshots [readme] [help]`: the pictures of the README and of the help pages, taken from the
demonstration market.

Builds a demonstration of its own in a temporary folder, serves it on a free port, and writes docs/images/*.png and
frontend/img/help-*.png, the latter in both languages. `SITE=http://…` takes them from a demonstration that runs.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import click
import httpx
from playwright.async_api import Browser, Page, ViewportSize

from tests.browser import help_pictures
from tests.browser.chromium import CHROMIUM, MISSING, open_chromium
from tests.browser.help_pictures import sign_in
from tests.serving import free_port

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
    await sign_in(page, "owner1")
    await page.goto("/owner/drafts")
    await page.locator('main a[href^="/owner/drafts/"]').first.click()


async def credit(page: Page) -> None:
    """The statement of an agency that is in trouble."""
    await sign_in(page, "agency3")
    await page.goto("/workbench")
    address = await page.locator('a[href^="/agencies/"][href$="/credit"]').first.get_attribute("href")
    assert address is not None
    await page.goto(address)
    await page.locator("main .page__columns").evaluate("one => one.scrollIntoView({block: 'start'})")


async def workbench(page: Page) -> None:
    await sign_in(page, "owner1")
    await page.goto("/workbench")


async def statistics(page: Page) -> None:
    await page.goto("/statistics/funnel")
    await page.locator("canvas").first.wait_for()


PICTURES: dict[str, Callable[[Page], Awaitable[None]]] = {
    "home": home, "project": project, "draw": draw, "notice-form": notice_form, "credit": credit, "workbench": workbench,
    "statistics": statistics,
}  # fmt: skip


@asynccontextmanager
async def _demonstration(folder: Path) -> AsyncIterator[str]:
    """A demonstration market of our own; yields its address."""
    port = free_port()
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


@asynccontextmanager
async def _site() -> AsyncIterator[str]:
    if running := os.environ.get("SITE"):
        yield running
        return
    with tempfile.TemporaryDirectory() as folder:
        async with _demonstration(Path(folder)) as address:
            yield address


async def _take(
    browser: Browser,
    address: str,
    lead: Callable[[Page], Awaitable[None]],
    path: Path,
    size: ViewportSize,
    language: str,
) -> None:
    context = await browser.new_context(viewport=size, locale="zh-CN", base_url=address, reduced_motion="reduce")
    await context.add_cookies([{"name": "mx_locale", "value": language, "url": address}])
    page = await context.new_page()
    await lead(page)
    await page.wait_for_load_state("networkidle")
    picture = await page.screenshot(path=path)
    await context.close()
    if len(picture) > MOST_BYTES:
        raise SystemExit(f"{path.name} is too large: {len(picture):,} bytes")
    click.echo(f"{path.name} {len(picture):,} bytes")


async def _readme(browser: Browser, address: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, lead in PICTURES.items():
        await _take(browser, address, lead, IMAGES / f"{name}.png", SIZE, "zh_CN")


async def _help(browser: Browser, address: str) -> None:
    for name, lead in help_pictures.PICTURES.items():
        for language in help_pictures.LANGUAGES:
            path = help_pictures.picture_path(name, language)
            await _take(browser, address, lead, path, help_pictures.SIZE, language)


SETS = {"readme": _readme, "help": _help}


async def main(wanted: Sequence[str]) -> None:
    if CHROMIUM is None:
        raise SystemExit(MISSING)
    async with _site() as address, open_chromium(CHROMIUM) as browser:
        for name in wanted or SETS:
            await SETS[name](browser, address)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
