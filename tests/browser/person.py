"""Somebody at a browser: opens pages, fills forms by the names of their fields, presses the button that sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Download, FilePayload, Locator, Page, Response

from market.accounts.actions import open_session
from market.demo.agencies import paper
from market.web.security import SESSION_COOKIE
from market.web.viewer import Viewer
from tests.browser.chromium import PATIENCE_MS
from tests.browser.inspection import NARROW, Findings, languages_for_axe

WIDE = 1280
LOCALE = "mx_locale"


class Person:
    """`page` is what the person sees, in Chinese. Somebody at a wide screen inspects each page narrow and in English
    too; somebody at a telephone only sees that it fits. With `keep_looking` this goes for every page they come to."""

    def __init__(self, site: str, context: BrowserContext, page: Page, findings: Findings, width: int = WIDE) -> None:
        self.width = width
        self.site = site
        self.context = context
        self.page = page
        self.findings = findings
        self.keep_looking = True

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site)

    async def open(self, path: str, *, status: int = 200) -> None:
        async with self._expecting(status):
            await self._arrived(await self.page.goto(f"{self.site}{path}"), status)

    async def follow(self, link: Locator) -> None:
        async with self.page.expect_navigation() as navigation:
            await link.click()
        await self._arrived(await navigation.value, 200)

    async def fill(self, **fields: Any) -> None:
        """Each value into the field of that name: text, an option, a choice, a tick (True) or files (a list of names)."""
        for name, value in fields.items():
            await self._fill(self.page.locator(f'[name="{name}"]'), value)

    async def _fill(self, control: Locator, value: Any) -> None:
        if isinstance(value, list):
            await control.set_input_files(
                [FilePayload(name=one, mimeType="application/pdf", buffer=_pdf(one)) for one in value]
            )
            return
        kind = await control.first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            chosen = control if value is True else control.and_(self.page.locator(f'[value="{value}"]'))
            await self._uncovered(chosen)
            await chosen.check()
        elif kind == "select-one":
            await control.select_option(str(value))
        else:
            await self._uncovered(control)
            await control.fill(str(value))

    async def _uncovered(self, control: Locator) -> None:
        """Opens the folded part of the page in which the control stands, as a reader would."""
        summaries = control.locator("xpath=ancestor::details[not(@open)]/summary")
        for _ in range(await summaries.count()):
            await summaries.first.click()

    def form(self, action: str) -> Locator:
        """The form that posts to a path ending so."""
        return self.page.locator(f'form[method="post"][action$="{action}"]')

    async def send(self, action: str, *, button: str | None = None, status: int = 200) -> None:
        """Presses the button of the form that posts there: the one with this value, or its first submit button."""
        form = self.form(action)
        await self.press(
            form.locator(f'[type="submit"][value="{button}"]' if button else '[type="submit"]').first, status=status
        )

    async def press(self, button: Locator, *, status: int = 200) -> None:
        """A button that leads to another page."""
        async with self._expecting(status):
            async with self.page.expect_navigation() as navigation:
                await button.click()
            await self._arrived(await navigation.value, status)

    async def enter_as(self, viewer: Viewer) -> None:
        """With a session as the sign-in page would give it, for people whose account a builder made."""
        assert viewer.person_id is not None
        assert viewer.organisation_id is not None
        token = await open_session(
            viewer.person_id,
            viewer.organisation_id,
            hours=12,
            second_factor_passed=True,
            user_agent="",
            address="127.0.0.1",
        )
        await self.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": self.site}])

    async def sign_in(self, login: str, password: str) -> None:
        await self.open("/sign-in")
        await self.fill(login=login, password=password)
        await self.send("/sign-in")

    @asynccontextmanager
    async def downloading(self, folder: Path) -> AsyncIterator[list[Path]]:
        """What a click within downloads, kept under the name that the site proposes."""
        kept: list[Path] = []
        async with self.page.expect_download() as started:
            yield kept
        download: Download = await started.value
        kept.append(folder / download.suggested_filename)
        await download.save_as(kept[0])

    @asynccontextmanager
    async def _expecting(self, status: int) -> AsyncIterator[None]:
        """Within, pages may answer with this status, which browsers report on the console."""
        if status >= 400:
            self.findings.expected.add(status)
        yield
        await self.page.evaluate("1")  # what was said on the console by now has arrived with this
        self.findings.expected.discard(status)

    async def _arrived(self, answer: Response | None, status: int) -> None:
        assert answer is not None
        assert answer.status == status, f"{self.path}: {answer.status} instead of {status}\n{await self._said()}"
        if self.keep_looking:
            await self.look(shown_by_address=answer.request.method == "GET")

    async def _said(self) -> str:
        """What the page says is wrong, or how it begins."""
        alerts = await self.page.locator("main [role=alert]").all_inner_texts()
        return "\n".join(alerts) or (await self.page.locator("main").inner_text())[:1000]

    async def look(self, *, shown_by_address: bool = True) -> None:
        """Once for pages that are alike: the width in Chinese at 1280 and 360 and, where the address alone shows the page,
        in English at 360; axe in one of the languages."""
        look = await self.findings.new_look(self.page, self.width)
        if look is None:
            return
        if self.width == NARROW:
            await self.findings.check_width(self.page, "zh", NARROW)
            return
        for_axe = languages_for_axe(look) if shown_by_address else ("zh",)
        if "zh" in for_axe:
            await self.findings.check_access(self.page, "zh", WIDE)
        await self.findings.check_width(self.page, "zh", WIDE)
        await self.page.set_viewport_size({"width": NARROW, "height": 800})
        await self.findings.check_width(self.page, "zh", NARROW)
        await self.page.set_viewport_size({"width": WIDE, "height": 900})
        if shown_by_address:
            await self._look_in_english(axe="en" in for_axe)

    async def _look_in_english(self, *, axe: bool) -> None:
        await self.context.add_cookies([{"name": LOCALE, "value": "en", "url": self.site}])
        twin = await self.context.new_page()
        self.findings.watch(twin)
        await twin.set_viewport_size({"width": NARROW, "height": 800})
        await twin.goto(self.page.url)
        if axe:
            await self.findings.check_access(twin, "en", NARROW)
        await self.findings.check_width(twin, "en", NARROW)
        await twin.close()  # a page that is only left keeps its event stream
        await self.context.clear_cookies(name=LOCALE)


def _pdf(name: str) -> bytes:
    """A small one whose content, and so its hash, depends on its name."""
    return paper(name).content


async def person_at(browser: Browser, site: str, findings: Findings, width: int = WIDE, **options: Any) -> Person:
    """Somebody with a browser of their own (cookies and all)."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    findings.watch(page)
    return Person(site, context, page, findings, width)
