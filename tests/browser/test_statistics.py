"""The statistics in a browser: a drawing with its table beside it, by keyboard, at both widths, with and without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from market.demo.world import World
from market.kernel.db import fetch_value
from ratings.flags.actions import take_up
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.contracts.award import Award, make_award
from tests.ratings.people import open_regulator
from tests.site.test_desk import flags_on


@pytest.fixture
async def award(world: World) -> Award:
    made = await make_award(world, agencies=3)
    await made.run_past_notice()
    return made


async def test_a_figure_has_drawing_and_table(world: World, award: Award, arrive: Arrive, tmp_path: Path) -> None:
    """And a regulator goes from the figures to the desk. Every page opened here goes through axe, in both languages and at both widths."""
    visitor = await arrive()
    await visitor.open("/statistics")
    await visitor.follow(visitor.page.get_by_role("link", name="项目走到了哪一步？"))
    drawing = visitor.page.locator("#chart .chart__drawing")
    await expect(drawing.locator("canvas")).to_be_visible()
    await expect(drawing).to_have_attribute("aria-describedby", "figure-table")
    await _filtered_by_keyboard(visitor.page)
    await expect(visitor.page.locator(".active-filters")).to_contain_text("测量调查")
    await expect(visitor.page.locator("#figure-table")).to_contain_text("合计")
    for figure in ("stage-time", "saving?by=region&period=2026", "credit"):
        await visitor.open(f"/statistics/{figure}")
    await visitor.open("/statistics/funnel?period=2026-13", status=422)
    await expect(visitor.page.locator("main")).to_contain_text("不是有效的期间")
    regulator = await arrive()
    await regulator.enter_as(await open_regulator(world, 1, "3702"))
    await regulator.open("/regulator/figures")
    await regulator.follow(regulator.page.get_by_role("link", name="筛查发现了什么，是否属实？"))
    await _at_the_desk(world, award, regulator, tmp_path)


async def _at_the_desk(world: World, award: Award, regulator: Person, folder: Path) -> None:
    """A filter is kept; of two flags that are taken up at once a colleague elsewhere was quicker with one; the table
    leaves as a file."""
    await flags_on(award)
    await regulator.open("/regulator/desk/flags")
    await regulator.fill(state="open")
    await regulator.press(regulator.page.locator('.filter-bar[role="search"] [type="submit"]'))
    await regulator.fill(name="待认领线索")
    await regulator.send("/filters")
    await regulator.follow(regulator.page.get_by_role("link", name="待认领线索"))
    one, two, *_ = await regulator.page.locator('[name="row"]').all()
    for tick in (one, two):
        await tick.check()
    flag_id = UUID(await one.input_value())
    first = await fetch_value("SELECT number FROM flag WHERE id = $1", flag_id)
    await regulator.send("/bulk", button="take")
    await take_up(flag_id, viewer=await open_regulator(world, 2, "3702"), now=world.now)
    await regulator.send("/bulk")
    await expect(regulator.page.locator("h1")).to_contain_text("2 件中已办理 1 件")
    await expect(regulator.page.locator("tr", has_text=first)).to_contain_text("未办理")
    await regulator.open("/regulator/desk/flags")
    async with regulator.downloading(folder) as kept:
        await regulator.page.get_by_role("button", name="CSV").click()
    assert first in kept[0].read_text(encoding="utf-8-sig")


async def _filtered_by_keyboard(page: Page) -> None:
    """From the list of classes to the button, without a mouse."""
    classes = page.locator('select[name="class"]')
    await classes.focus()
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await expect(classes).to_have_value("C")
    await page.get_by_role("button", name="查看", exact=True).focus()
    async with page.expect_navigation(url=re.compile("class=C")):
        await page.keyboard.press("Enter")


async def test_the_table_needs_neither_script_nor_screen(award: Award, chromium: Browser, address: str) -> None:
    """Without JavaScript the table is all there is; on paper the numbers stay and the controls go."""
    context = await chromium.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{address}/statistics/saving?by=class")
    await expect(page.locator("#figure-table table")).to_contain_text("15.56 %")
    await expect(page.locator(".chart__drawing")).to_be_hidden()
    await page.emulate_media(media="print")
    await expect(page.locator("#figure-table")).to_be_visible()
    await expect(page.locator(".figure-filters")).to_be_hidden()
    await context.close()
