"""The check of a selection in a real browser: the seal appears for the published dossier and for no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from playwright.sync_api import Browser, Page, expect

from market.kernel.i18n import speaking
from projects.selection.dossiers.selection_dossier import parse
from projects.selection.rounds.reckoning import selection_parts
from tests.selection.browser_modules import FRONTEND, bundle
from tests.selection.dossiers.check_pages import NEEDS_BROWSER, browser, check_with_keyboard, open_page, page_text
from tests.selection.dossiers.test_selection_dossier import published

__all__ = ["browser"]
pytestmark = NEEDS_BROWSER
Show = Callable[..., Page]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    return bundle(FRONTEND / "js" / "pages" / "selection-check.js", folder / "selection-check.js", "--minify")


@pytest.fixture
def show(browser: Browser, script: Path) -> Show:
    """show(dossier, method of the page around it, **options of the page)"""

    def shown(dossier: bytes, method: str = "best_price", **options: Any) -> Page:
        true = parse(published(method))
        with speaking("en"):
            parts = selection_parts(true, None, true.terms["quote"])
            text = page_text("selection/_selection_check.html", dossier=true, **parts)
        return open_page(browser, text, script, dossier, **options)

    return shown


@pytest.mark.parametrize("method", ["best_price", "price_then_draw", "merit", "multi_round", "direct"])
def test_the_published_selection_ends_in_the_seal(show: Show, method: str) -> None:
    troubles: list[str] = []
    page = show(published(method), method)
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


def test_another_amount_gets_no_seal_and_is_shown(show: Show) -> None:
    def cheaper(members: dict[str, object]) -> None:
        members["bids"][0]["quoted"] = 1  # type: ignore[index]

    page = show(forged(cheaper))
    check_with_keyboard(page)
    expect(page.get_by_text("This selection was not verified")).to_be_visible(timeout=30_000)
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    expect(page.locator('[data-check="opened"].is-different')).to_contain_text("DIFFERS")


def test_a_page_that_shows_something_else_gets_no_seal(show: Show) -> None:
    """A true file beside a page with other numbers: what the reader sees is compared too."""
    page = show(published("average_price"), "best_price")
    check_with_keyboard(page)
    expect(page.get_by_text("This selection was not verified")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("dossier", [b"", b"{}", b"not json", published("best_price") + b"\n"])
def test_an_unreadable_dossier_gets_no_seal(show: Show, dossier: bytes) -> None:
    page = show(dossier)
    check_with_keyboard(page)
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    expect(page.locator(".draw-check .seal")).to_be_hidden()


def test_it_can_be_repeated(show: Show) -> None:
    page = show(published("best_price"))
    for _ in range(2):
        check_with_keyboard(page)
        expect(page.locator(".draw-check .seal")).to_be_visible(timeout=30_000)


def test_without_javascript_the_page_says_what_to_do(show: Show) -> None:
    page = show(published("best_price"), java_script_enabled=False)
    expect(page.get_by_text("Without JavaScript this page cannot compute")).to_be_visible()
    expect(page.get_by_role("button", name="Re-compute in my browser")).to_be_hidden()
    expect(page.get_by_role("link", name="Download the selection's dossier")).to_be_visible()
