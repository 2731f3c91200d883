"""Public pages are kept between visitors, and nobody ever sees an old one or another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar import Litestar

from market.demo.agencies import admit_agencies, some_agency
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import transaction
from market.register.actions import record
from market.web.kept import MOST_PAGES, KeptPages
from tests.visitor import _TOKEN, Visitor


@pytest.fixture
def shelf(site: Litestar) -> KeptPages:
    kept: KeptPages = site.state.kept
    return kept


def token_in(page: str) -> str:
    found = _TOKEN.search(page)
    assert found
    return found.group(1)


async def test_the_next_visitor_gets_the_same_page_with_a_token_of_their_own(site: Litestar, shelf: KeptPages) -> None:
    async with Visitor(site) as first, Visitor(site) as second:
        one, two = (await first.get("/")).text, (await second.get("/")).text
        assert len(shelf.pages) == 1
        assert one.replace(token_in(one), "") == two.replace(token_in(two), "")
        assert token_in(one) != token_in(two)
        answer = await second.post("/preferences", data={"csrf_token": token_in(two), "locale": "en"})
        assert answer.status_code == 303


async def test_what_is_kept_names_no_visitor(client: Visitor, shelf: KeptPages) -> None:
    page = (await client.get("/")).text
    (kept,) = shelf.pages.values()
    assert token_in(page) not in kept[1]
    assert shelf.token not in page


async def test_an_act_is_seen_at_once(world: World, client: Visitor) -> None:
    before = (await client.get("/")).text
    async with transaction():
        entry = await record("project.closed", subject="MX-2026-000001", by="market", data={}, at=world.now)
    after = (await client.get("/")).text
    assert str(entry) not in before
    assert str(entry) in after


async def test_no_page_outlives_its_minute(world: World, client: Visitor, shelf: KeptPages) -> None:
    await client.get("/")
    (before,) = shelf.pages.values()
    world.clock.advance(seconds=59)
    await client.get("/")
    assert list(shelf.pages.values()) == [before]
    world.clock.advance(seconds=1)
    await client.get("/")
    assert list(shelf.pages.values()) != [before]


async def test_the_present_moment_is_the_visitors(world: World, client: Visitor) -> None:
    """Countdowns count from it."""
    await admit_agencies(world, [some_agency(number) for number in range(1, 5)])
    owner = await open_owner(world, name="市北区住房和城乡建设局", code="11370203MB0000001X")
    project = await publish_project(world, owner)
    world.clock.set((world.now + timedelta(minutes=1)).replace(second=0))
    assert world.now.isoformat() in (await client.get(project.url)).text
    world.clock.advance(seconds=30)
    assert world.now.isoformat() in (await client.get(project.url)).text


async def test_signed_in_visitors_never_get_a_kept_page(world: World, site: Litestar, shelf: KeptPages) -> None:
    owner = await open_owner(world, name="市北区住房和城乡建设局", code="11370203MB0000001X")
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    async with Visitor(site) as somebody, Visitor(site) as signed_in:
        await somebody.get("/")
        await signed_in.sign_in_as(owner.person_id, owner.organisation_id)
        assert owner.organisation_name in (await signed_in.get("/")).text
        assert owner.organisation_name not in (await somebody.get("/")).text
    assert len(shelf.pages) == 1


async def test_languages_and_queries_are_kept_apart(client: Visitor, shelf: KeptPages) -> None:
    chinese = (await client.get("/")).text
    client.cookies.set("mx_locale", "en")
    english = (await client.get("/")).text
    assert '<html lang="zh-CN"' in chinese
    assert '<html lang="en"' in english
    await client.get("/projects?q=a")
    await client.get("/projects?q=b")
    assert len(shelf.pages) == 4


async def test_unknown_preferences_fill_no_shelf(client: Visitor, shelf: KeptPages) -> None:
    for number in range(3):
        client.cookies.set("mx_theme", f"theme{number}")
        await client.get("/")
    assert len(shelf.pages) == 1


async def test_a_message_for_one_visitor_is_not_kept(client: Visitor, shelf: KeptPages) -> None:
    await client.send_form("/sign-out")
    shelf.pages.clear()
    told = (await client.get("/")).text
    assert not shelf.pages
    assert "您已退出登录" in told
    assert "您已退出登录" not in (await client.get("/")).text
    assert len(shelf.pages) == 1


async def test_pages_that_are_not_marked_are_not_kept(client: Visitor, shelf: KeptPages) -> None:
    await client.get("/sign-in")
    await client.get("/nowhere")
    assert not shelf.pages


def test_the_shelf_is_bounded_and_drops_what_was_not_asked_for() -> None:
    shelf = KeptPages()
    for number in range(MOST_PAGES):
        shelf.keep((number,), "state", "page")
    assert shelf.find((0,), "state") == "page"
    shelf.keep(("new",), "state", "page")
    assert len(shelf.pages) == MOST_PAGES
    assert shelf.find((0,), "state") == "page"
    assert shelf.find((1,), "state") is None
