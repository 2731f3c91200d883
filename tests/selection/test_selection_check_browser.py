"""The check of a selection in a real browser: the seal appears for the published dossier and for no other."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import rfc8785
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from market.kernel.i18n import speaking
from market.web.display import money
from projects.selection.dossiers.selection_dossier import parse
from projects.selection.rounds.reckoning import selection_parts
from tests.browser.chromium import CHROMIUM

from .browser_modules import FRONTEND, READY, ROOT, bundle
from .test_selection_dossier import published

ORIGIN = "http://localhost"  # answered inside the browser: no server, and a secure context for Web Crypto
pytestmark = pytest.mark.skipif(
    (CHROMIUM is None and "CI" not in os.environ) or not READY, reason="needs an installed Chromium and Node"
)
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    return bundle(FRONTEND / "js" / "pages" / "selection-check.js", folder / "selection-check.js", "--minify")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def page_text(method: str) -> str:
    """The fragment as a page includes it, without the rest of the site around it."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined,
        extensions=["jinja2.ext.do"],
    )  # fmt: skip
    env.globals.update({"_": lambda text, **facts: text.format(**facts) if facts else text, "icon": lambda name: ""})
    env.filters["money"] = money
    dossier = parse(published(method))
    with speaking("en"):
        parts = selection_parts(dossier, None, dossier.terms["quote"])
    body = env.get_template("selection/_selection_check.html").render(
        dossier_url="/dossier.json", demonstration=True, dossier=dossier, **parts
    )
    tag = '<script type="module" src="/selection-check.js"></script>'
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>{tag}<main>{body}</main></html>'


def open_page(browser: Browser, script: Path, dossier: bytes, method: str = "best_price", **options: object) -> Page:
    page = browser.new_page(**options)  # type: ignore[arg-type]

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            text = page_text(method)
            route.fulfill(body=text, content_type="text/html", headers={"content-security-policy": POLICY})
        elif path == "/selection-check.js":
            route.fulfill(path=script, content_type="text/javascript")
        elif path == "/dossier.json":
            route.fulfill(body=dossier, content_type="application/json")
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    return page


def check_with_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Re-compute in my browser").focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("method", ["best_price", "price_then_draw", "merit", "multi_round", "direct"])
def test_the_published_selection_ends_in_the_seal(browser: Browser, script: Path, method: str) -> None:
    troubles: list[str] = []
    page = open_page(browser, script, published(method), method)
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    check_with_keyboard(page)
    expect(page.locator(".draw-check .seal")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("status")).to_contain_text("Selected: 机构")
    assert page.locator(".is-different").count() == 0
    assert page.locator("[data-check]:not(.is-equal), [data-step]:not(.is-equal)").count() == 0
    assert page.locator("[data-step] [data-field=found]").all_inner_texts() == (
        page.locator("[data-step] [data-field=found] >> xpath=preceding-sibling::td").all_inner_texts()
    )
    assert [text for text in troubles if "favicon" not in text and "404" not in text] == []


def forged(change: object) -> bytes:
    """Altered members under a digest that fits them."""
    members = json.loads(published("best_price"))
    change(members)  # type: ignore[operator]
    members.pop("digest")
    return rfc8785.dumps({**members, "digest": hashlib.sha256(rfc8785.dumps(members)).hexdigest()})


def test_another_amount_gets_no_seal_and_is_shown(browser: Browser, script: Path) -> None:
    def cheaper(members: dict[str, object]) -> None:
        members["bids"][0]["quoted"] = 1  # type: ignore[index]

    page = open_page(browser, script, forged(cheaper))
    check_with_keyboard(page)
    expect(page.get_by_text("This selection was not verified")).to_be_visible(timeout=30_000)
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    expect(page.locator('[data-check="opened"].is-different')).to_contain_text("DIFFERS")


def test_a_page_that_shows_something_else_gets_no_seal(browser: Browser, script: Path) -> None:
    """A true file beside a page with other numbers: what the reader sees is compared too."""
    page = open_page(browser, script, published("average_price"), "best_price")
    check_with_keyboard(page)
    expect(page.get_by_text("This selection was not verified")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("dossier", [b"", b"{}", b"not json", published("best_price") + b"\n"])
def test_an_unreadable_dossier_gets_no_seal(browser: Browser, script: Path, dossier: bytes) -> None:
    page = open_page(browser, script, dossier)
    check_with_keyboard(page)
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    expect(page.locator(".draw-check .seal")).to_be_hidden()


def test_it_can_be_repeated(browser: Browser, script: Path) -> None:
    page = open_page(browser, script, published("best_price"))
    for _ in range(2):
        check_with_keyboard(page)
        expect(page.locator(".draw-check .seal")).to_be_visible(timeout=30_000)


def test_without_javascript_the_page_says_what_to_do(browser: Browser, script: Path) -> None:
    page = open_page(browser, script, published("best_price"), java_script_enabled=False)
    expect(page.get_by_text("Without JavaScript this page cannot compute")).to_be_visible()
    expect(page.get_by_role("button", name="Re-compute in my browser")).to_be_hidden()
    expect(page.get_by_role("link", name="Download the selection's dossier")).to_be_visible()
