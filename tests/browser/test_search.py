"""A person who types initials, a word, its pinyin or half a firm's name finds it; by keyboard, and without scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from market.demo.agencies import admit_agencies, credit_code, some_agency
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser
FIRM = "青岛测绘地信研究院有限公司"


async def test_what_a_hurried_clerk_types(world: World, arrive: Arrive) -> None:
    agents = await admit_agencies(world, [some_agency(1, name=FIRM)])
    place = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, place, title="大沽河岸线地形测绘")
    visitor = await arrive()
    page = visitor.page

    await visitor.open("/search?q=测绘")
    for typed in ("chdx", "测绘", "cehui", "绘地信研", "測繪", "“测绘”、青岛"):
        await visitor.open(f"/search?q={typed}")
        await expect(page.locator("#agencies .hit__title").first).to_have_text(FIRM)
        await expect(page.locator("#agencies mark").first).to_be_visible()
    await visitor.open("/search?kind=projects&q=dghaxdx&stage=sign_up")
    await expect(page.locator("#projects .hit__title a")).to_have_text(project.title)

    # As one types: a list under the field, walked through by the arrow keys.
    await visitor.open("/")
    field = page.locator("#front-search")
    await field.press_sequentially("chdx")
    option = page.get_by_role("option", name=FIRM)
    await expect(option).to_be_visible()
    await expect(field).to_have_attribute("aria-expanded", "true")
    options = page.locator("#front-search-suggestions [role=option]")
    for place_in_list in range(await options.count()):
        await field.press("ArrowDown")
        await expect(options.nth(place_in_list)).to_have_attribute("aria-selected", "true")
        if await option.get_attribute("aria-selected") == "true":
            break
    await field.press("Enter")
    await page.wait_for_url(f"**/agencies/{agents[0].viewer.organisation_code}")

    # Nothing found: what may have been meant is one step away; and a search can be kept.
    await visitor.open("/search?q=地形侧绘乙")
    await expect(page.get_by_text("没有找到")).to_be_visible()
    await visitor.open("/search?q=测绘青岛")
    await page.get_by_role("link", name="测绘 青岛").click()
    await expect(page.locator("#agencies .hit__title")).to_have_text(FIRM)
    await visitor.enter_as(agents[0].viewer)
    await visitor.open("/search?q=地形&kind=projects")
    await page.get_by_text("保存这个检索，有新内容时提醒我").click()
    await visitor.send("/search/saved")
    await expect(page.locator(".hit__title a")).to_have_text("地形")


async def test_without_scripts_the_field_is_a_plain_form(world: World, arrive: Arrive) -> None:
    await admit_agencies(world, [some_agency(1, name=FIRM)])
    visitor = await arrive(java_script_enabled=False)
    visitor.keep_looking = False
    await visitor.open("/")
    await visitor.page.locator("#front-search").fill("chdx")
    await visitor.page.locator("form.search--large button").click()
    await expect(visitor.page.locator("#agencies .hit__title")).to_have_text(FIRM)
