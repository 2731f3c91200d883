"""The draw check in a real browser: the seal appears for the published dossier and for no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from market.beacon import bls
from market.beacon.rules import Round, commit_round
from projects.selection.dossiers.draw_dossier import build, compose
from tests.selection.browser_modules import FRONTEND, bundle
from tests.selection.conftest import CHAIN, DEADLINE, SECRET, selection
from tests.selection.dossiers.check_pages import NEEDS_BROWSER, browser, check_with_keyboard, open_page, page_text

__all__ = ["browser"]
pytestmark = NEEDS_BROWSER
Show = Callable[..., Page]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's program as the build makes it, what it loads on demand included."""
    return bundle(FRONTEND / "js" / "pages" / "draw-check.js", tmp_path_factory.mktemp("bundle") / "draw-check.js")


@pytest.fixture
def show(browser: Browser, script: Path) -> Show:
    """show(dossier, **options of the page)"""
    text = page_text("projects/_draw_check.html")
    return lambda dossier, **options: open_page(browser, text, script, dossier, **options)


def test_the_published_draw_ends_in_the_seal(show: Show) -> None:
    troubles: list[str] = []
    page = show(build(selection()))
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


def test_it_can_be_repeated(show: Show) -> None:
    page = show(build(selection()), reduced_motion="reduce")
    for _ in range(2):
        check_with_keyboard(page)
        expect(page.locator(".draw-check .seal")).to_be_visible()
        assert page.locator("[data-part=rows] tr").count() == 4


def test_an_altered_ticket_gets_no_seal_and_is_shown(show: Show) -> None:
    dossier = build(selection())
    value = dossier.split(b'"value":"')[1][:64]
    page = show(dossier.replace(value, b"0" * 64))
    check_with_keyboard(page)
    expect(page.get_by_text("This draw was not verified")).to_be_visible()
    expect(page.locator(".draw-check .seal")).to_be_hidden()
    expect(page.locator("[data-part=rows] tr.is-different")).to_contain_text("DIFFERS")


def test_a_number_that_the_beacon_did_not_sign_gets_no_seal(show: Show) -> None:
    """Everything follows from it, but it is the signature of another round: only the pairing can tell."""
    number = commit_round(CHAIN, DEADLINE)
    other = Round(number, bls.sign_round(SECRET, number + 1))
    page = show(compose(selection(beacon_round=other)))
    check_with_keyboard(page)
    expect(page.get_by_text("This draw was not verified")).to_be_visible()
    expect(page.locator("[data-check]:not(.is-equal)")).to_have_attribute("data-check", "signature")


@pytest.mark.parametrize("dossier", [b"", b"{}", b"not json", build(selection()) + b"\n"])
def test_an_unreadable_dossier_gets_no_seal(show: Show, dossier: bytes) -> None:
    page = show(dossier)
    check_with_keyboard(page)
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    expect(page.locator(".draw-check .seal")).to_be_hidden()


def test_without_javascript_the_page_says_what_to_do(show: Show) -> None:
    page = show(build(selection()), java_script_enabled=False)
    expect(page.get_by_text("Without JavaScript this page cannot compute")).to_be_visible()
    expect(page.get_by_role("button", name="Re-compute in my browser")).to_be_hidden()
    expect(page.get_by_role("link", name="Download the dossier")).to_be_visible()
