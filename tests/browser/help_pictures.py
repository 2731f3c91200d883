"""The pictures of the help pages: each function leads a visitor of the demonstration to what the picture shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from playwright.async_api import Page, ViewportSize

from market.site.demo_accounts import PASSWORD

IMAGES = Path(__file__).resolve().parents[2] / "frontend" / "img"
SIZE = ViewportSize(width=1000, height=640)
LANGUAGES = ("zh_CN", "en")
OWNERS = tuple(f"owner{number}" for number in range(1, 9))
AGENCIES = tuple(f"agency{number}" for number in range(1, 13))


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/sign-in")
    await page.locator('[name="login"]').fill(login)
    await page.locator('[name="password"]').fill(PASSWORD)
    await page.locator('main form [type="submit"]').first.click()
    await page.wait_for_url("**/workbench*")


async def _show(page: Page, selector: str) -> None:
    """Scrolls the first such thing to the top of the picture."""
    await page.locator(selector).first.evaluate("one => one.scrollIntoView({block: 'start'})")
    await page.mouse.wheel(0, -32)


async def _from_bench(page: Page, logins: Sequence[str], link: str) -> None:
    """Follows the first such link that waits on the work bench of any of them."""
    for login in logins:
        await page.context.clear_cookies(name="mx_session")
        await sign_in(page, login)
        waiting = page.locator(f"main {link}")
        if await waiting.count():
            await waiting.first.click()
            await page.wait_for_load_state()
            return
    raise LookupError(f"the demonstration has nobody for whom {link} waits")


async def post(page: Page) -> None:
    await sign_in(page, "owner1")
    await page.goto("/owner/drafts")
    await page.locator('main a[href^="/owner/drafts/"]').first.click()
    await page.wait_for_load_state()
    await _show(page, "main form")


async def sign_up(page: Page) -> None:
    await sign_in(page, "agency1")
    await page.goto("/projects?stage=sign_up")
    await page.locator('main a[href^="/projects/"]').first.click()
    await page.wait_for_load_state()
    await _show(page, ".check-list")


async def draw(page: Page) -> None:
    await page.goto("/results")
    await page.locator('main a[href*="/rounds/"], main .seal').first.click()
    await page.wait_for_load_state()
    await _show(page, ".heading")


async def check(page: Page) -> None:
    """Just after the reader's own browser has repeated the draw."""
    await page.goto("/results")
    await page.locator('main a[href^="/projects/"]').first.click()
    await page.locator('main a[href*="/rounds/"]').first.click()
    checking = page.locator("draw-check")
    await checking.get_by_role("button").first.click()
    await checking.locator('[data-part="seal"]').wait_for()
    await _show(page, "draw-check")


async def contract(page: Page) -> None:
    await _from_bench(page, OWNERS, 'a[href^="/contracts/"][href$="/sign"]')
    await _show(page, ".heading")


async def deliver(page: Page) -> None:
    await _from_bench(page, AGENCIES, 'a[href^="/projects/"][href$="/delivery"]')
    await _show(page, ".heading")


async def pay(page: Page) -> None:
    await _from_bench(page, OWNERS[3:], 'a[href^="/payments/"]:not([href$="/invoice"])')
    await _show(page, ".heading")


async def complain(page: Page) -> None:
    await page.goto("/complaints")
    await _show(page, ".heading")


async def credit(page: Page) -> None:
    await sign_in(page, "agency3")
    address = await page.locator('a[href^="/agencies/"][href$="/credit"]').first.get_attribute("href")
    assert address is not None
    await page.goto(address)
    await _show(page, "main .page__columns")


PICTURES: dict[str, Callable[[Page], Awaitable[None]]] = {
    "post": post, "sign-up": sign_up, "draw": draw, "contract": contract, "deliver": deliver, "pay": pay, "check": check,
    "complain": complain, "credit": credit,
}  # fmt: skip


def picture_path(name: str, language: str) -> Path:
    return IMAGES / f"help-{name}.{language}.png"
