"""The market for those who have no mouse, and for those whose browser runs no scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from market.accounts.passwords import QUICK, hash_password
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value
from tests.browser import agency, owner
from tests.browser.conftest import Arrive
from tests.browser.person import Person

pytestmark = pytest.mark.browser
MOST_STOPS = 200  # places at which the tab key stops on a long page
_SHOWS_FOCUS = """one => {
  const style = getComputedStyle(one);
  return one.matches(":focus-visible") && (style.outlineStyle !== "none" || style.boxShadow !== "none");
}"""


async def _agents(world: World) -> list[Agent]:
    """Three that could take the survey; the first can sign in with its password."""
    password_hash = await hash_password(owner.PASSWORD, hasher=QUICK)
    news = [
        some_agency(number, password_hash=password_hash, legal_representative=f"法定代表人{number}")
        for number in (1, 2, 3)
    ]
    return await admit_agencies(world, news)


async def _sign_ups() -> int:
    count: int = await fetch_value("SELECT count(*) FROM sign_up WHERE withdrawn_at IS NULL")
    return count


async def tab_to(person: Person, target: Locator) -> None:
    """Presses the tab key until the target has the focus, and sees to it that one can see where the focus is."""
    await expect(target).to_be_attached()
    for _ in range(MOST_STOPS):
        await person.page.keyboard.press("Tab")
        if await target.evaluate("one => one === document.activeElement"):
            assert await target.evaluate(_SHOWS_FOCUS), f"{target}: the focus cannot be seen"
            return
    raise AssertionError(f"{person.path}: the tab key never reaches {target}")


async def press_at(person: Person, target: Locator, key: str) -> None:
    """Goes there by the tab key and presses a key that leads to another page."""
    await tab_to(person, target)
    async with person.page.expect_navigation():
        await person.page.keyboard.press(key)


async def test_signing_in_and_signing_up_by_keyboard_alone(world: World, arrive: Arrive) -> None:
    await _agents(world)
    place = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, place)
    person = await arrive()
    page = person.page
    await person.open("/")
    await press_at(person, page.locator('header a[href="/sign-in"]'), "Enter")
    await tab_to(person, page.locator('[name="login"]'))
    await page.keyboard.type("agency1")
    await tab_to(person, page.locator('[name="password"]'))
    await page.keyboard.type(owner.PASSWORD)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await press_at(person, page.locator('header a[href="/projects"]'), "Enter")
    await press_at(person, page.locator(f'main a[href="/projects/{project.number}"]').first, "Enter")
    await press_at(person, page.locator(f'main a[href$="/projects/{project.number}/sign-up"]').first, "Enter")
    if not await page.locator('[name="authorised_person"]').first.is_checked():
        await tab_to(person, page.locator('[name="authorised_person"]').first)
        await page.keyboard.press("Space")
    await tab_to(person, page.locator('[name="agreed"]'))
    await page.keyboard.press("Space")
    await press_at(person, page.locator('form[action$="/sign-up"] [type="submit"]').first, "Enter")
    await expect(page.locator("main")).to_contain_text(project.number)
    assert await _sign_ups() == 1


async def test_posting_and_signing_up_without_scripts(world: World, arrive: Arrive) -> None:
    agents = await _agents(world)
    poster, bidder = await arrive(java_script_enabled=False), await arrive(java_script_enabled=False)
    poster.keep_looking = bidder.keep_looking = False  # axe needs scripts
    await owner.open_account(poster)
    await owner.write_notice_without_scripts(poster)
    number = await owner.publish(poster)
    await bidder.sign_in("agency1", owner.PASSWORD)
    await expect(bidder.page.get_by_role("banner")).to_contain_text(agents[0].name)
    await agency.sign_up(bidder, number)
    assert await _sign_ups() == 1
