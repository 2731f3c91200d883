"""Everything that an anonymous visitor can reach from the front page: no dead link, no failing page, no missing anchor."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urlsplit

from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import publish_project
from tests.contracts.award import Award
from tests.visitor import Visitor

VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{18}|MX-[0-9-]+(?:-C\d+)?|[A-E]\d{3}|[0-9a-f]{64}|\d+")
EACH = 2  # addresses of one pattern that are visited


class Page(HTMLParser):
    """The links, anchors and GET forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        if tag in {"a", "link"} and values.get("href"):
            self.links.append(str(values["href"]))
        if tag == "script" and values.get("src"):
            self.links.append(str(values["src"]))
        if tag == "form" and values.get("method", "get") == "get":
            self.links.append(str(values.get("action") or "/"))


@dataclass
class Crawl:
    visitor: Visitor
    seen: set[str] = field(default_factory=set)
    patterns: Counter[str] = field(default_factory=Counter)
    pages: dict[str, Page] = field(default_factory=dict)
    anchors: set[tuple[str, str, str]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    async def run(self, start: str) -> None:
        queue = [(start, "")]
        while queue:
            url, source = queue.pop(0)
            if self._wanted(url):
                queue += [(link, url) for link in await self._visit(url, source)]

    def _wanted(self, url: str) -> bool:
        if url in self.seen:
            return False
        self.seen.add(url)
        parts = urlsplit(url)
        pattern = VARYING.sub("*", parts.path) + "?" + "&".join(sorted(name for name, _ in parse_qsl(parts.query)))
        self.patterns[pattern] += 1
        return self.patterns[pattern] <= EACH

    async def _visit(self, url: str, source: str) -> list[str]:
        answer = await self.visitor.get(url)
        signing_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if answer.status_code != 200 and not signing_in:
            self.problems.append(f"{answer.status_code} {url} (on {source})")
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            return []
        self.pages[url] = page = Page(answer.text)
        links = []
        for link in page.links:
            target, anchor = urldefrag(link)
            if link.startswith("#") or (target.startswith("/") and not target.startswith("//")):
                links.append(target or url)
                self.anchors.add((target or url, anchor, url))
        return links

    def missing_anchors(self) -> list[str]:
        return [
            f"{target}#{anchor} (on {source})" for target, anchor, source in sorted(self.anchors)
            if anchor and target in self.pages and anchor not in self.pages[target].ids
        ]  # fmt: skip


async def test_no_dead_link_anywhere(award: Award, client: Visitor) -> None:
    await award.run_past_notice()
    await sign_both(award.world, award.number, award.owner, award.winner)
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    await publish_project(award.world, award.owner, title="还在报名的工程测量", investment_code="", investment_name="")
    await award.world.settle()
    crawl = Crawl(client)
    await crawl.run("/")
    assert crawl.problems == []
    assert crawl.missing_anchors() == []
    assert {"/projects", "/results", "/agencies", "/lists", "/statistics", "/help", "/verify"} <= set(crawl.pages)
