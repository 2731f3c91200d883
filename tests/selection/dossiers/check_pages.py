"""Parts of our pages that check a dossier, opened in a real browser without the rest of the site around them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, Route, sync_playwright

from market.web.display import money
from tests.browser.chromium import CHROMIUM
from tests.selection.browser_modules import READY, ROOT

ORIGIN = "http://localhost"  # answered inside the browser: no server, and a secure context for Web Crypto
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'"
NEEDS_BROWSER = pytest.mark.skipif(
    (CHROMIUM is None and "CI" not in os.environ) or not READY, reason="needs an installed Chromium and Node"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def page_text(template: str, **context: Any) -> str:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined,
        extensions=["jinja2.ext.do"],
    )  # fmt: skip
    env.globals.update({"_": lambda text, **facts: text.format(**facts) if facts else text, "icon": lambda name: ""})
    env.filters["money"] = money
    body = env.get_template(template).render(dossier_url="/dossier.json", demonstration=True, **context)
    tag = '<script type="module" src="/check.js"></script>'
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>{tag}<main>{body}</main></html>'


def open_page(browser: Browser, text: str, script: Path, dossier: bytes, **options: Any) -> Page:
    """`script`: the page's program, bundled as the build does."""
    page = browser.new_page(**options)

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=text, content_type="text/html", headers={"content-security-policy": POLICY})
        elif path == "/check.js":
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
