"""What every page has to keep: nothing said on the console, nothing refused by the policy, nothing that axe finds
serious, nothing wider than the screen."""

from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, Response
from playwright.async_api import TimeoutError as TookTooLong

AXE = (Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js").read_text("utf8")
NARROW = 360
SERIOUS = ("serious", "critical")
# A rule whose finds are never serious only costs.
_RUN_AXE = """async serious => {
  const usual = rule => rule.enabled && !rule.tags.some(tag => ["experimental", "deprecated"].includes(tag));
  const values = axe._audit.rules.filter(rule => usual(rule) && serious.includes(rule.impact)).map(rule => rule.id);
  const found = await axe.run(document, {resultTypes: ["violations"], runOnly: {type: "rule", values}});
  return found.violations.map(rule => [rule.impact, rule.id, rule.nodes.map(node => node.html.slice(0, 160)).slice(0, 3)]);
}"""
_COMPONENTS = """() => [...new Set([...document.querySelectorAll("main *")].flatMap(one => [...one.classList]))].sort().join(" ")"""
_FITS = "width => document.documentElement.scrollWidth <= width"
_TOO_WIDE = """width => {
  if (document.documentElement.scrollWidth <= width) return null;
  const wide = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 3).map(one => one.outerHTML.slice(0, 160));
}"""
_ABOUT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2}-?\d{4}-\d+|[0-9A-Z]{18}")
_SEEN: set[str] = set()
_STATUS_ON_CONSOLE = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")


@dataclass
class Findings:
    """Everything that went wrong in one test; `expected`: statuses that the journey asks for at this moment; `patience`: how
    many milliseconds a page may take to follow a change of width, which is long where the machine is busy."""

    lines: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    patience: int = 30_000

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.lines.append(f"{_path(page.url)}: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        status = _STATUS_ON_CONSOLE.match(message.text)
        if status and int(status[1]) in self.expected:
            return
        self.lines.append(f"{_path(message.page.url if message.page else '')}: console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A click that leaves the page while htmx still asks for a part of it is no fault; neither is a download.
        if request.failure != "net::ERR_ABORTED":
            self.lines.append(f"{_path(request.url)}: {request.method} failed: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.lines.append(f"{_path(response.url)}: {response.request.method} answered {response.status}")

    async def new_look(self, page: Page, width: int) -> str | None:
        """How the page looks, if no journey of this process saw one like it on such a screen yet: pages that differ in
        neither address (but for what it is about) nor components are alike."""
        like = f"{width} {_ABOUT.sub('*', urlsplit(page.url).path)} {await page.evaluate(_COMPONENTS)}"
        known = like in _SEEN
        _SEEN.add(like)
        return None if known else like

    async def inspect(self, page: Page, language: str, width: int) -> None:
        """Axe on the page as it stands, and its width."""
        await self.check_access(page, language, width)
        await self.check_width(page, language, width)

    async def check_access(self, page: Page, language: str, width: int) -> None:
        where = f"{_path(page.url)} ({language}, {width} px)"
        await page.evaluate(AXE)
        for impact, rule, nodes in await page.evaluate(_RUN_AXE, SERIOUS):
            self.lines.append(f"{where}: axe {impact} {rule}: {nodes}")

    async def check_width(self, page: Page, language: str, width: int) -> None:
        with suppress(TookTooLong):  # charts follow a change of width a moment later
            await page.wait_for_function(_FITS, arg=width, timeout=self.patience)
        if too_wide := await page.evaluate(_TOO_WIDE, width):
            self.lines.append(f"{_path(page.url)} ({language}, {width} px): wider than the screen: {too_wide}")

    def check(self) -> None:
        assert not self.lines, "\n".join(self.lines)


def languages_for_axe(look: str) -> tuple[str, ...]:
    """Axe is the dearest part of an inspection (half a second), so it reads a look in one language, the same in every
    run; with EVERY_LOOK=1 in both."""
    if os.environ.get("EVERY_LOOK"):
        return "zh", "en"
    return (("zh", "en")[zlib.crc32(look.encode()) % 2],)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
