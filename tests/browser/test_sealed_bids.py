"""Bidding in a real browser: sealed where it is typed, under the strict policy, and nothing else leaves the machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Request, Route, expect

from market.demo.agencies import admit_agencies, credit_code, some_agency
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value
from projects.queries import ProjectView
from projects.selection.bids import queries as bid_queries
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.selection.bids.test_bid_pages import opened

pytestmark = pytest.mark.browser
TYPED = "123,457.89"
LEAKS = ("123457.89", "123,457.89", "123%2C457.89", "12345789")


async def bidder_of(world: World, arrive: Arrive, **options: object) -> tuple[Person, ProjectView]:
    agents = await admit_agencies(world, [some_agency(1)])
    place = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, place, method="lowest_price", ceiling="152000", floor="80000")
    person = await arrive(**options)
    await person.enter_as(agents[0].viewer)
    return person, project


def sent_by(person: Person) -> list[str]:
    """Everything that this browser sends from now on: addresses and bodies."""
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(request.url + (request.post_data or ""))

    person.page.on("request", note)
    return sent


async def fill(person: Person, project: ProjectView, amount: str) -> None:
    await person.page.locator('[name="authorised_person"]').first.check()
    await person.fill(agreed=True)
    await person.page.locator("[data-amount]").fill(amount)


async def picture(person: Person, name: str) -> None:
    """For those who want to look: SCREENS names a folder."""
    if folder := os.environ.get("SCREENS"):
        for width in (1280, 360):
            await person.page.set_viewport_size({"width": width, "height": 900})
            await person.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
        await person.page.set_viewport_size({"width": 1280, "height": 900})


async def test_the_amount_never_leaves_the_browser(world: World, arrive: Arrive) -> None:
    person, project = await bidder_of(world, arrive)
    page = person.page
    await person.open(project.url)
    await picture(person, "project")
    await person.follow(page.locator(f'main a[href="{project.url}/bid"]').first)
    await picture(person, "bid")
    sent = sent_by(person)
    for wrong in ("NaN", "1e5", "1,2", "-5", "90000.001", "79999.99", "152,000.01", ""):
        await fill(person, project, wrong)
        await page.locator('[data-part="seal"] [type="submit"]').click()
        await expect(page.locator('[data-part="wrong"]')).to_be_visible()
    await fill(person, project, TYPED)
    await page.locator('[data-part="seal"] [type="submit"]').click()
    await expect(page.locator('[data-part="check"]')).to_be_visible()
    await expect(page.locator('[data-part="amount"]')).to_have_text("¥123,457.89")
    shown = await page.locator('[data-part="sha256"]').inner_text()
    await picture(person, "check")
    assert sent == []
    await person.press(page.locator('[data-part="send"]'))
    bid = await bid_queries.standing_bid(project.id, await fetch_value("SELECT agency_id FROM sign_up"))
    assert bid is not None
    assert (bid.ciphertext_sha256, bid.sealed_by) == (shown, "browser")
    assert person.path == f"{project.url}/bids/{bid.id}"
    assert not any(leak in one for one in sent for leak in LEAKS)
    agent = await fetch_value("SELECT code FROM organisation WHERE id = $1", bid.agency_id)
    assert agent
    await picture(person, "receipt")


async def test_a_bid_sealed_in_the_browser_opens_to_what_was_typed_and_can_be_changed(
    world: World, arrive: Arrive, tmp_path: Path
) -> None:
    from market.demo.agencies import Agent

    person, project = await bidder_of(world, arrive)
    page = person.page
    await person.open(f"{project.url}/bid")
    for amount, fen in (("100000", 100_000_00), (TYPED, 123_457_89)):
        await fill(person, project, amount)
        await page.locator('[data-part="seal"] [type="submit"]').click()
        await expect(page.locator('[data-part="check"]')).to_be_visible()
        await page.locator('[data-part="change"]').click()
        await expect(page.locator('[data-part="check"]')).to_be_hidden()
        await page.locator('[data-part="seal"] [type="submit"]').click()
        await expect(page.locator('[data-part="check"]')).to_be_visible()
        await person.press(page.locator('[data-part="send"]'))
        viewer = await _viewer(world)
        assert await opened(world, project, Agent(viewer)) == fen
        async with person.downloading(tmp_path) as kept:
            await page.locator('a[href$="/sealed.age"]').click()
        assert kept[0].read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")
        await person.follow(page.locator(f'main a[href="{project.url}/bid"]').first)
        await picture(person, "replace")
    await person.open(f"{project.url}/bids")
    await picture(person, "bids")
    await expect(page.locator("main tbody tr")).to_have_count(2)


async def _viewer(world: World):
    from market.web.viewer import Viewer

    code = await fetch_value("SELECT o.code FROM sign_up s JOIN organisation o ON o.id = s.agency_id")
    organisation = await fetch_value("SELECT agency_id FROM sign_up")
    return Viewer(organisation_id=organisation, organisation_code=code)


async def test_a_server_that_names_a_key_of_its_own_gets_nothing(world: World, arrive: Arrive) -> None:
    person, project = await bidder_of(world, arrive)
    page = person.page

    async def forge(route: Route) -> None:
        answer = await route.fetch()
        text = re.sub(r'data-genesis="(\d+)"', lambda found: f'data-genesis="{int(found[1]) + 1}"', await answer.text())
        await route.fulfill(response=answer, body=text)

    await page.route("**/bid", forge)
    person.keep_looking = False
    await person.open(f"{project.url}/bid")
    sent = sent_by(person)
    await fill(person, project, TYPED)
    await page.locator('[data-part="seal"] [type="submit"]').click()
    await expect(page.locator('[data-part="voice"]')).to_have_class(re.compile("is-wrong"))
    assert sent == []
    assert await fetch_value("SELECT count(*) FROM sealed_bid") == 0


async def test_without_scripts_the_page_says_what_happens_and_the_server_seals(world: World, arrive: Arrive) -> None:
    person, project = await bidder_of(world, arrive, java_script_enabled=False)
    person.keep_looking = False
    await person.open(f"{project.url}/bid")
    await expect(person.page.locator('[data-part="scriptless"]')).to_be_visible()
    await picture(person, "scriptless")
    await fill(person, project, "100000.50")
    await person.press(person.page.locator('[data-part="plain"] [type="submit"]'))
    assert await fetch_value("SELECT sealed_by FROM sealed_bid") == "server"
