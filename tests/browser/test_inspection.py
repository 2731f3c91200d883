"""The inspection of pages finds what it is there for."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Route

from market.web.security import CONTENT_POLICY
from tests.browser import inspection
from tests.browser.inspection import Findings
from tests.browser.person import Person, person_at

pytestmark = pytest.mark.browser
SITE = "http://localhost"
PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>页面</title><main><h1>页面</h1>{body}</main></html>'
)
FAULTS = {
    "an image without words": ('<img src="/icon.svg">', "axe critical image-alt"),
    "words hard to read": ('<p><font color="#eeeeee">浅灰</font></p>', "axe serious color-contrast"),
    "a script in the page": ("<script>1</script>", "script-src"),
    "an error of a script": ('<script src="/broken.js"></script>', "thrown here"),
    "a missing file": ('<script src="/missing.js"></script>', "answered 404"),
    "something wide": ('<svg width="2000" height="1" role="img" aria-label="宽"></svg>', "wider than the screen"),
}


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """These pages are alike, and each is to be looked at."""
    monkeypatch.setattr(inspection, "_SEEN", set())


async def _answer(route: Route, body: str) -> None:
    match route.request.url.removeprefix(SITE):
        case "/":
            headers = {"content-security-policy": CONTENT_POLICY}
            await route.fulfill(body=PAGE.format(body=body), content_type="text/html", headers=headers)
        case "/broken.js":
            await route.fulfill(body="throw new Error('thrown here')", content_type="text/javascript")
        case "/icon.svg":
            await route.fulfill(body='<svg xmlns="http://www.w3.org/2000/svg"/>', content_type="image/svg+xml")
        case _:
            await route.fulfill(status=404, body=PAGE.format(body=""), content_type="text/html")


async def _visit(browser: Browser, body: str) -> tuple[Person, Findings]:
    findings = Findings(patience=100)
    person = await person_at(browser, SITE, findings)

    async def answer(route: Route) -> None:
        await _answer(route, body)

    await person.context.route("**/*", answer)
    await person.open("/")
    return person, findings


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found(chromium: Browser, name: str) -> None:
    body, expected = FAULTS[name]
    _, findings = await _visit(chromium, body)
    assert any(expected in line for line in findings.lines), findings.lines


async def test_a_good_page_has_none(chromium: Browser) -> None:
    person, findings = await _visit(chromium, "<p>正常。</p>")
    assert findings.lines == []
    await person.open("/missing", status=404)
    assert findings.lines == []
