"""Every component in a real Chromium: no accessibility violation, no console message, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import require_chromium
from tests.browser.style_guide import serving

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
LOOKS = ("", "theme=dark", "contrast=high", "contrast=high&theme=dark", "size=large", "locale=en")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = require_chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with serving() as running:
        yield running


@pytest.fixture
def said() -> list[str]:
    """What the page says on the console."""
    return []


@pytest.fixture
def open_guide(browser: Browser, server: ThreadingHTTPServer, said: list[str]) -> Iterator[Any]:
    """Opens the guide; at the end nothing may have been said on the console, no policy violated."""
    contexts = []

    def open_guide(query: str = "", width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.server_port}/?{query}")
        page.wait_for_load_state("networkidle")
        return page

    yield open_guide
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [1280, 360])
def test_no_accessibility_violation_and_no_overflow(open_guide: Any, look: str, width: int) -> None:
    page = open_guide(look, width, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(part => { part.open = true; })")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_charts_are_drawn_within_the_policy(open_guide: Any) -> None:
    page = open_guide()
    for name in ("saved", "late"):
        page.locator(f"#{name}").scroll_into_view_if_needed()
        expect(page.locator(f"#{name} canvas")).to_be_visible()
    page.locator("#saved canvas").hover()


def test_without_scripts_everything_is_said_in_words(open_guide: Any) -> None:
    page = open_guide(java_script_enabled=False)
    expect(page.locator("market-countdown").first).to_contain_text("剩余 2 天 6 小时")
    expect(page.locator("#saved .chart__drawing")).to_be_hidden()
    expect(page.locator("[data-copy]").first).to_be_hidden()


def test_the_countdown_counts_by_the_market_clock(open_guide: Any) -> None:
    page = open_guide()
    page.evaluate("""() => {
        const clock = document.querySelector("market-countdown").cloneNode(true);
        Object.assign(clock.dataset, {deadline: "2026-06-16T03:00:02Z", now: "2026-06-16T03:00:00Z"});
        clock.id = "nearly"; document.querySelector("main").append(clock); }""")
    expect(page.locator("#nearly [role=timer]")).to_have_text("已截止")
    expect(page.locator("#nearly [aria-live]")).to_have_text("已截止")


def test_a_guarded_form_is_sent_once(open_guide: Any) -> None:
    page = open_guide()
    sent = page.evaluate("""() => {
        let sent = 0;
        addEventListener("submit", event => { sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); });
        const button = document.querySelector(".confirm [type=submit]");
        button.click(); button.click();
        return sent; }""")
    assert sent == 1
    expect(page.locator(".confirm [type=submit]")).to_have_attribute("aria-disabled", "true")


def test_a_draft_is_saved_by_itself(open_guide: Any) -> None:
    page = open_guide()
    page.evaluate("document.getElementById('guide-form').dataset.autosave = '/draft'")
    with page.expect_response("**/draft"):
        page.locator("#f-scope").fill("编制水土保持方案报告书。")
    expect(page.locator(".form__saved")).to_have_text("草稿已保存")


def test_the_error_summary_has_the_focus_and_leads_to_the_field(open_guide: Any) -> None:
    page = open_guide()
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").first.click()
    expect(page.locator("#f-title")).to_be_focused()


def test_suggestions_arrive_by_htmx(open_guide: Any) -> None:
    page = open_guide()
    page.evaluate("""() => {
        const box = document.getElementById("guide-search");
        box.insertAdjacentHTML("afterend", '<div id="found"></div>');
        for (const [name, value] of [["hx-get", "/suggestions"], ["hx-trigger", "input"], ["hx-target", "#found"]])
            box.setAttribute(name, value);
        htmx.process(box); }""")
    page.locator("#guide-search").fill("水土")
    expect(page.locator("#found")).to_have_text("one suggestion")


def test_code_in_attributes_is_refused(open_guide: Any, said: list[str]) -> None:
    page = open_guide()
    page.evaluate("""() => {
        const evil = document.createElement("button");
        evil.setAttribute("hx-on:click", "document.title = 'taken'");
        document.body.append(evil);
        return new Promise(done => setTimeout(() => {
            setTimeout(done, 50);
            htmx.process(evil);
            evil.click();
        })); }""")
    assert "taken" not in page.title()
    assert any("code in attributes is not allowed" in text for text in said)
    said.clear()


def test_menus_close_on_escape_and_give_the_focus_back(open_guide: Any) -> None:
    page = open_guide()
    page.locator("details.menu summary").first.click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu").first).not_to_have_attribute("open", "")
    expect(page.locator("details.menu summary").first).to_be_focused()
