"""Every page that somebody can reach by links, one of each kind."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import Page

_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{18}|[A-Z]{1,3}-[0-9-]+(?:-?[A-Z]\d+)*|[A-E]\d{3}|[0-9a-f]{64}|\d+"
)
_FILES = re.compile(
    r"\.(?:pdf|csv|json|xlsx|ics|txt|xml|toml|sql|zip|png|css|js|md|yaml)$|/(?:file|files|download|events)(?:/|$)"
)
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))"


def kind_of(url: str) -> str:
    """The address without what it is about, and without filters: pages of one kind share it."""
    return _VARYING.sub("*", urlsplit(url).path)


def wanted(url: str, known: set[str]) -> bool:
    """Whether it is a page of ours, of a kind that nobody has looked at."""
    ours = url.startswith("/") and not url.startswith("//")
    return ours and not _FILES.search(urlsplit(url).path) and kind_of(url) not in known


@dataclass
class Crawl:
    """`broken`: where links led to nothing. `known`: the kinds that were visited, by anybody: of what was reached, not of what was asked, for a visitor who asks
    for a work bench reaches the page to sign in."""

    page: Page
    site: str
    known: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    async def pages(self, *starts: str) -> AsyncIterator[str]:
        """The way from page to page, from `starts` in any case: a work bench is another for each who has one. Whoever gets an
        address opens it; its links are followed from there."""
        queue, asked = list(starts), set[str]()
        while queue:
            url = queue.pop(0)
            first = url in starts
            if kind_of(url) in asked or not (first or wanted(url, self.known)):
                continue
            asked.add(kind_of(url))
            reached = await self._reached(url)
            if reached is None or not (first or wanted(reached, self.known)):
                continue
            self.known.add(kind_of(reached))
            yield reached
            queue += [urldefrag(link)[0] for link in await self.page.evaluate(_LINKS) if link.startswith("/")]

    async def _reached(self, url: str) -> str | None:
        """Where the address leads; None for a file, and for what does not answer."""
        answer = await self.page.request.get(self.site + url)
        if not answer.ok:
            self.broken.append(f"{urlsplit(self.page.url).path} leads to {url}, which answers {answer.status}")
            return None
        is_page = "text/html" in answer.headers.get("content-type", "")
        return answer.url.removeprefix(self.site) if is_page else None
