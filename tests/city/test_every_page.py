"""Every page of the demonstration, as everybody who has an account there: axe finds nothing serious, nothing is wider than
the screen, nothing is said on the console. Pages are looked at by turns in Chinese on a wide screen and in English on a
telephone; with EVERY_LOOK=1 each of them in both languages on both."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from market.demo.world import World
from market.site.demo_accounts import PASSWORD
from tests.browser.conftest import Arrive
from tests.browser.inspection import NARROW, Findings
from tests.browser.person import WIDE, Person
from tests.city.crawl import Crawl

pytestmark = pytest.mark.browser
# Whoever comes later visits only kinds of pages that nobody before could reach.
VISITORS = (None, "owner1", "agency1", "agency3", "expert1", "regulator1", "operator1")
LOOKS = (("zh_CN", WIDE), ("en", NARROW))
ALL_LOOKS = (*LOOKS, ("zh_CN", NARROW), ("en", WIDE)) if os.environ.get("EVERY_LOOK") else ()


async def _sign_in(person: Person, login: str) -> None:
    await person.open("/sign-in")
    await person.page.locator('[name="login"]').fill(login)
    await person.page.locator('[name="password"]').fill(PASSWORD)
    await person.page.locator('main form [type="submit"]').first.click()
    await person.page.wait_for_url("**/workbench*")


async def _look(person: Person, findings: Findings, url: str, turn: int) -> None:
    for language, width in ALL_LOOKS or (LOOKS[turn % len(LOOKS)],):
        await person.page.context.add_cookies([{"name": "mx_locale", "value": language, "url": person.site}])
        await person.page.set_viewport_size({"width": width, "height": 900})
        await person.page.goto(person.site + url)
        await findings.inspect(person.page, language, width)


async def test_every_page_is_accessible(city: World, arrive: Arrive, findings: Findings) -> None:
    known, seen, broken = set[str](), list[tuple[str | None, str]](), list[str]()
    for login in VISITORS:
        person = await arrive()
        if login is not None:
            await _sign_in(person, login)
        crawl = Crawl(person.page, person.site, known, broken)
        async for url in crawl.pages("/" if login is None else "/workbench"):
            seen.append((login, url))
            await _look(person, findings, url, len(seen))
    assert broken == []
    counted = Counter(login for login, _ in seen)
    # A crawl that ends at its first page has looked at nothing.
    assert all(counted[login] > 1 for login in ("owner1", "agency1", "regulator1", "operator1")), counted
    assert len(seen) > 180, counted
