"""The draw check in a real browser: the seal appears for the published dossier and for no other."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from market.beacon import bls
from market.beacon.rules import Round, commit_round
from projects.selection.dossiers.draw_dossier import build, compose
from tests.browser.chromium import CHROMIUM

from .browser_modules import FRONTEND, READY, ROOT, bundle
from .conftest import CHAIN, DEADLINE, SECRET, selection

ORIGIN = "http://localhost"  # answered inside the browser: no server, and a secure context for Web Crypto
pytestmark = pytest.mark.skipif(
    (CHROMIUM is None and "CI" not in os.environ) or not READY, reason="needs an installed Chromium and Node"
)
SCRIPT = Path()
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module", autouse=True)
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's program as the build makes it, what it loads on demand included."""
    global SCRIPT
    SCRIPT = bundle(FRONTEND / "js" / "pages" / "draw-check.js", tmp_path_factory.mktemp("bundle") / "draw-check.js")
    return SCRIPT


def page_text() -> str:
    """The fragment as a page includes it, without the rest of the site around it."""
    env = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    env.globals.update({"_": lambda text, **facts: text.format(**facts) if facts else text, "icon": lambda name: ""})
    fragment = env.get_template("projects/_draw_check.html")
    body = fragment.render(dossier_url="/dossier.json", demonstration=True)
    script = '<script type="module" src="/draw-check.js"></script>'
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>{script}<main>{body}</main></html>'


def open_page(browser: Browser, dossier: bytes, **options: object) -> Page:
    page = browser.new_page(**options)  # type: ignore[arg-type]

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=page_text(), content_type="text/html", headers={"content-security-policy": POLICY})
        elif path == "/draw-check.js":
            route.fulfill(path=SCRIPT, content_type="text/javascript")
        elif path == "/dossier.json":
            route.fulfill(body=dossier, content_type="application/json")
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    return page


def check_with_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="Re-compute in my browser")
    button.focus()
    page.keyboard.press("Enter")


def test_the_published_draw_ends_in_the_seal(browser: Browser) -> None:
    troubles: list[str] = []
    page = open_page(browser, build(selection()))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    check_with_keyboard(page)
    expect(page.locator(".draw-check .seal")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Selected: 机构")
    assert page.locator("[data-part=rows] tr").count() == 4
    assert page.locator("[data-check].is-equal").count() == 11
    assert page.locator(".is-different").count() == 0
    assert [text for text in troubles if "favicon" not in text and "404" not in text] == []


def test_it_can_be_repeated(browser: Browser) -> None:
    page = open_page(browser, build(selection()), reduced_motion="reduce")
    for _ in range(2):
        check_with_keyboard(page)
        expect(page.locator(".draw-check .seal")).to_be_visible()
        assert page.locator("[data-part=rows] tr").count() == 4


def test_an_altered_ticket_gets_no_seal_and_is_shown(browser: Browser) -> None:
    dossier = build(selection())
    value = dossier.split(b'"value":"')[1][:64]
    page = open_page(browser, dossier.replace(value, b"0" * 64))
    check_with_keyboard(page)
    expect(page.get_by_text("This draw was not verified")).to_be_visible()
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    expect(page.locator("[data-part=rows] tr.is-different")).to_contain_text("DIFFERS")


def test_a_number_that_the_beacon_did_not_sign_gets_no_seal(browser: Browser) -> None:
    """Everything follows from it, but it is the signature of another round: only the pairing can tell."""
    number = commit_round(CHAIN, DEADLINE)
    other = Round(number, bls.sign_round(SECRET, number + 1))
    page = open_page(browser, compose(selection(beacon_round=other)))
    check_with_keyboard(page)
    expect(page.get_by_text("This draw was not verified")).to_be_visible()
    expect(page.locator("[data-check]:not(.is-equal)")).to_have_attribute("data-check", "signature")


@pytest.mark.parametrize("dossier", [b"", b"{}", b"not json", build(selection()) + b"\n"])
def test_an_unreadable_dossier_gets_no_seal(browser: Browser, dossier: bytes) -> None:
    page = open_page(browser, dossier)
    check_with_keyboard(page)
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    expect(page.locator(".draw-check .seal")).to_be_hidden()


def test_without_javascript_the_page_says_what_to_do(browser: Browser) -> None:
    page = open_page(browser, build(selection()), java_script_enabled=False)
    expect(page.get_by_text("Without JavaScript this page cannot compute")).to_be_visible()
    expect(page.get_by_role("button", name="Re-compute in my browser")).to_be_hidden()
    expect(page.get_by_role("link", name="Download the dossier")).to_be_visible()
