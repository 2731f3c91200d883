"""Live bidding in browsers: two agencies against each other, a break of the line, a wrong clock, and no JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Locator, expect

from market.demo.agencies import Agent
from market.demo.bids import submit_bid
from market.demo.live import bid_live, bidding_of
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.world import FREEZE_PAUSE, World
from market.web.streams import end_streams
from projects.queries import ProjectView, project_by_number
from projects.selection.live import events
from projects.selection.live.rules import Schedule
from tests.beginnings import Beginning, begins_with, three_agencies
from tests.browser.conftest import Arrive
from tests.browser.inspection import NARROW
from tests.browser.person import Person

pytestmark = [pytest.mark.browser]
beginning = begins_with({"agents": three_agencies})
YUAN = 100


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test moves the clock by leaps; lines look at it at every beat."""
    monkeypatch.setattr(events, "BEAT_SECONDS", 1 / 4)


@pytest.fixture
def agents(beginning: Beginning, world: World) -> list[Agent]:
    return list(beginning.memory)


@pytest.fixture
async def project(world: World, agents: list[Agent]) -> ProjectView:
    """The pool is frozen, the first round is to begin tomorrow; the third agency left a reserve price."""
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code="11370203004205678J")
    found = await publish_project(world, owner, method="multi_round")
    for agent in agents[:2]:
        await sign_up(world, agent, found)
    await submit_bid(world, agents[2], found, 131_000 * YUAN)
    await world.run_until(found.sign_up_closes_at + FREEZE_PAUSE)
    return await project_by_number(found.number)


@pytest.fixture
async def schedule(project: ProjectView) -> Schedule:
    return (await bidding_of(project)).schedule


def part(person: Person, name: str) -> Locator:
    return person.page.locator(f'[data-part="{name}"]')


async def bid(person: Person, amount: str) -> None:
    await person.fill(quoted=amount)
    await person.page.keyboard.press("Enter")


async def test_two_agencies_bid_against_each_other(
    world: World, arrive: Arrive, project: ProjectView, schedule: Schedule, agents: list[Agent]
) -> None:
    one, two = await arrive(), await arrive()
    for person, agent in ((one, agents[0]), (two, agents[1])):
        await person.enter_as(agent.viewer)
    await two.page.set_viewport_size({"width": NARROW, "height": 800})
    await one.open(project.url)
    await one.follow(one.page.locator("#live-bidding a.button"))
    await two.open(f"{project.url}/live")
    await expect(one.page.locator('[data-when="open"]')).to_be_hidden()
    world.clock.set(schedule.starts_at)
    await expect(one.page.locator('[data-when="open"]')).to_be_visible()
    await expect(part(one, "voice")).to_have_text("第 1 轮（共 3 轮）开始。")
    await one.page.locator('[name="quoted"]').press_sequentially("1500")
    await expect(part(one, "reading")).to_have_text("您将报出 ¥1,500.00。")  # the amount is read back while it is typed
    await bid(one, "150,000")
    await expect(one.page.locator(".live-bids__amount")).to_have_text("¥150,000.00")
    await expect(part(one, "rank")).to_have_text("1")
    await expect(part(two, "lowest")).to_have_text("¥150,000.00")
    await expect(part(two, "rank")).to_have_text("—")
    await bid(two, "149999.99")
    await expect(part(two, "first")).to_be_visible()
    await expect(part(one, "rank")).to_have_text("2")
    await expect(part(one, "voice")).to_have_text("您目前排第 2。 当前最低价 ¥149,999.99。")
    await one.look()
    await one.findings.check_width(two.page, "zh", NARROW)
    await _refused(one)
    world.clock.set(schedule.ends_at)
    await expect(one.page.locator('[data-when="over"]')).to_be_visible()
    await expect(one.page.locator('[name="quoted"]')).to_be_hidden()
    await world.run_past(schedule.ends_at)
    decided = await project_by_number(project.number)
    assert (decided.winner_id, decided.price_fen) == (agents[2].id, 131_000 * YUAN)
    await one.open(f"{project.url}/live")
    await one.open(f"{project.url}/rounds/1")


async def _refused(person: Person) -> None:
    """The refusal comes to the page, with what was typed still in the field."""
    person.findings.expected.add(409)
    await bid(person, "150000.01")
    await expect(person.page.locator("#own-bids [role=alert]")).to_contain_text("不低于您上一次的报价 ¥150,000.00")
    await expect(person.page.locator('[name="quoted"]')).to_have_value("150000.01")
    await person.look()
    person.findings.expected.discard(409)


async def test_after_a_break_the_page_is_at_the_present_state(
    world: World, arrive: Arrive, project: ProjectView, schedule: Schedule, agents: list[Agent]
) -> None:
    world.clock.set(schedule.starts_at)
    person = await arrive()
    await person.enter_as(agents[0].viewer)
    await person.open(f"{project.url}/live")
    await expect(person.page.locator('[data-line="live"]')).to_be_visible()
    end_streams()
    await expect(person.page.locator('[data-line="again"]')).to_be_visible()
    await bid_live(world, agents[1], project, 140_000 * YUAN)
    world.clock.set(schedule.starts_at + timedelta(minutes=4))
    await expect(person.page.locator('[data-line="live"]')).to_be_visible()
    await expect(part(person, "lowest")).to_have_text("¥140,000.00")
    await expect(person.page.locator('[data-round="2"]')).to_have_attribute("aria-current", "step")


async def test_a_colleague_in_another_window(
    world: World, arrive: Arrive, project: ProjectView, schedule: Schedule, agents: list[Agent]
) -> None:
    world.clock.set(schedule.starts_at)
    person = await arrive()
    await person.enter_as(agents[0].viewer)
    await person.open(f"{project.url}/live")
    await bid_live(world, agents[0], project, 140_000 * YUAN)
    await expect(part(person, "elsewhere")).to_be_visible()
    await person.page.reload()
    await expect(part(person, "elsewhere")).to_be_hidden()
    await expect(person.page.locator(".live-bids__amount")).to_have_text("¥140,000.00")


async def test_a_wrong_clock_of_the_browser_changes_nothing(
    world: World, arrive: Arrive, project: ProjectView, schedule: Schedule, agents: list[Agent]
) -> None:
    world.clock.set(schedule.starts_at + timedelta(seconds=1))
    person = await arrive()
    await person.context.add_init_script("const real = Date.now; Date.now = () => real() - 3_600_000;")
    await person.enter_as(agents[0].viewer)
    await person.open(f"{project.url}/live")
    shown = await part(person, "left").inner_text()
    minutes, seconds = map(int, shown.split(":"))
    assert 150 <= 60 * minutes + seconds <= 179


async def test_bidding_without_javascript(
    world: World, arrive: Arrive, project: ProjectView, schedule: Schedule, agents: list[Agent]
) -> None:
    world.clock.set(schedule.starts_at)
    person = await arrive(java_script_enabled=False)
    person.keep_looking = False
    await person.enter_as(agents[0].viewer)
    await person.open(f"{project.url}/live")
    await person.fill(quoted="123456.78")
    await person.press(person.page.locator(".live-form [type=submit]"))
    await expect(person.page.locator(".live-bids__amount")).to_have_text("¥123,456.78")
    await expect(part(person, "rank")).to_have_text("1")
    await person.follow(person.page.locator(".live-bids__receipt"))
    await expect(person.page.locator("main")).to_contain_text("¥123,456.78")
    await person.open(f"{project.url}/live?watch=1")
    await bid_live(world, agents[1], project, 120_000 * YUAN)
    await expect(part(person, "rank")).to_have_text("2")  # it reloads itself
