"""The pages of live bidding over HTTP: without JavaScript, with every refusal, for everybody who might ask."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from litestar import Litestar

from market.demo.agencies import EVERY_ROLE, Agent, credit_code, operator_of
from market.demo.bids import submit_bid
from market.demo.live import begin_bidding, bid_live, bidding_of
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import execute
from market.register.canonical import canonical
from market.web.security import CSRF_FIELD
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.live.queries import own_bids
from tests.access.live import EXPECTATIONS
from tests.contracts.test_access import organisation_of
from tests.visitor import Visitor

YUAN = 100
SignIn = Callable[[Viewer], Awaitable[Visitor]]


@pytest.fixture
async def sign_in(site: Litestar) -> AsyncIterator[SignIn]:
    async with AsyncExitStack() as stack:

        async def signing(viewer: Viewer) -> Visitor:
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            visitor = await stack.enter_async_context(Visitor(site))
            visitor.cookies.set("mx_locale", "en")
            return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)

        yield signing


@pytest.fixture
async def project(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    """Two signed up, one left a reserve price, and the fourth stays away."""
    found = await publish_project(world, owner, method="multi_round")
    for agent in agents[:2]:
        await sign_up(world, agent, found)
    await submit_bid(world, agents[2], found, 120_000 * YUAN)
    return found


@pytest.fixture
async def bidding(world: World, project: ProjectView) -> ProjectView:
    return await begin_bidding(world, project)


async def test_a_bid_from_the_form_to_its_receipt(
    world: World, bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    visitor, url = await sign_in(agents[0].viewer), f"{bidding.url}/live"
    page = await visitor.get(url)
    assert "Round 1 of 3 ends in" in page.text
    assert 'data-part="rank">—<' in page.text
    sent = await visitor.send_form(url, {"quoted": "123,456.78"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{url}#own-bids")
    await bid_live(world, agents[1], bidding, 120_000 * YUAN)
    page = await visitor.get(url)
    assert 'data-part="rank">2<' in page.text
    assert 'data-part="lowest">¥120,000.00<' in page.text
    assert 'data-part="best">¥123,456.78<' in page.text
    (bid,) = await own_bids(await bidding_of(bidding), agents[0].id)
    receipt = await visitor.get(f"{url}/bids/{bid.id}")
    assert "¥123,456.78" in receipt.text
    proof = (await visitor.get(f"{url}/bids/{bid.id}/receipt.json")).json()
    digest = (await visitor.get(f"/register/entries/{bid.entry_id}/entry.json")).json()["private"]
    assert hashlib.sha256(proof["salt"].encode() + canonical(proof["facts"])).hexdigest() == digest
    assert proof["facts"] == {"agency": agents[0].code, "project": bidding.number, "quoted": 12345678, "round": 1}


@pytest.mark.parametrize("typed", ["", "NaN", "1e5", "-5", "十二万", "12.345", "1,23"])
async def test_what_is_no_amount(bidding: ProjectView, agents: list[Agent], sign_in: SignIn, typed: str) -> None:
    visitor, url = await sign_in(agents[0].viewer), f"{bidding.url}/live"
    answer = await visitor.send_form(url, {"quoted": typed})
    assert answer.status_code == 422
    assert 'id="f-quoted-errors"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert await own_bids(await bidding_of(bidding), agents[0].id) == []


async def test_a_refusal_stands_on_the_page_itself(
    world: World, bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    visitor, url = await sign_in(agents[0].viewer), f"{bidding.url}/live"
    await bid_live(world, agents[0], bidding, 130_000 * YUAN)
    answer = await visitor.send_form(url, {"quoted": "130000.01"})
    assert answer.status_code == 409
    assert "is not lower than your own last one, ¥130,000.00" in answer.text
    assert 'value="130000.01"' in answer.text
    world.clock.set((await bidding_of(bidding)).schedule.ends_at + timedelta(milliseconds=1))
    answer = await visitor.send_form(url, {"quoted": "100000"})
    assert answer.status_code == 409
    assert "0.001 seconds too late" in answer.text


async def test_a_request_begun_in_time_must_name_its_amount_in_time(
    world: World, bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    """Whoever lets the body follow after the end would know the others' last bids when choosing the amount."""
    visitor, ends_at = await sign_in(agents[0].viewer), (await bidding_of(bidding)).schedule.ends_at
    token = await visitor.token()
    world.clock.set(ends_at - timedelta(milliseconds=1))

    async def body() -> AsyncIterator[bytes]:
        yield f"{CSRF_FIELD}={quote_plus(token)}&quoted=".encode()
        world.clock.set(ends_at)
        yield b"90000"

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await visitor.post(f"{bidding.url}/live", content=body(), headers=headers)
    assert answer.status_code == 409
    assert "0.000 seconds too late" in answer.text


async def test_without_javascript_the_page_reloads_itself_where_asked(
    world: World, bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    visitor, url = await sign_in(agents[0].viewer), f"{bidding.url}/live"
    page = (await visitor.get(url)).text
    assert "http-equiv" not in page  # nobody loses what is half typed
    assert f'<a href="{url}?watch=1">' in page
    watching = (await visitor.get(f"{url}?watch=1")).text
    assert '<meta http-equiv="refresh" content="5">' in watching
    assert 'name="quoted"' not in watching
    world.clock.set((await bidding_of(bidding)).schedule.ends_at)
    assert "http-equiv" not in (await visitor.get(f"{url}?watch=1")).text


async def test_the_pool_is_not_told_who_else_is_in_it(
    world: World, bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    await bid_live(world, agents[1], bidding, 130_000 * YUAN)
    visitor = await sign_in(agents[0].viewer)
    for path in (bidding.url, f"{bidding.url}/live", f"{bidding.url}/rounds/1"):
        text = (await visitor.get(path)).text
        assert not [one for one in agents[1:] if one.code in text or one.name in text]


async def test_only_the_frozen_pool_comes_in(
    world: World, project: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    inside, outside = await sign_in(agents[0].viewer), await sign_in(agents[3].viewer)
    url = f"{project.url}/live"
    assert (await inside.get(url)).status_code == 404  # there is no pool yet
    await begin_bidding(world, project)
    assert (await inside.get(url)).status_code == 200
    assert (await outside.get(url)).status_code == 404
    assert (await outside.send_form(url, {"quoted": "120000"})).status_code == 404
    other = await publish_project(world, replace(agents[0].viewer, **(await _owner(world))), title="李沧区道路测量")
    assert (await inside.get(f"{other.url}/live")).status_code == 404


async def _owner(world: World) -> dict[str, Any]:
    found = await open_owner(world, name="青岛市李沧区城市管理局", code=credit_code(77, kind="11"))
    return {name: getattr(found, name) for name in Viewer.__dataclass_fields__}


async def test_the_reserve_price_is_shown_to_its_owner_as_sealed(
    bidding: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    with_one = (await (await sign_in(agents[2].viewer)).get(f"{bidding.url}/live")).text
    assert "sealed, handed in at" in with_one
    assert "120,000" not in with_one
    assert "sealed, handed in at" not in (await (await sign_in(agents[0].viewer)).get(f"{bidding.url}/live")).text


async def test_project_page_and_work_bench_lead_to_the_bidding(
    world: World, project: ProjectView, agents: list[Agent], sign_in: SignIn
) -> None:
    visitor, link = await sign_in(agents[0].viewer), f'href="{project.url}/live"'
    assert "The first round begins" in (await visitor.get(project.url)).text
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    assert link in (await visitor.get(project.url)).text
    bench = (await visitor.get("/workbench")).text
    assert link in bench
    assert "starts soon" in bench
    stranger = await sign_in(agents[3].viewer)
    assert link not in (await stranger.get(project.url)).text
    assert link not in (await stranger.get("/workbench")).text
    await begin_bidding(world, project)
    assert "is running" in (await visitor.get("/workbench")).text
    world.clock.set((await bidding_of(project)).schedule.ends_at)
    assert "is running" not in (await visitor.get("/workbench")).text


async def test_a_colleague_who_is_no_handler_watches(
    bidding: ProjectView, agents: list[Agent], sign_in: SignIn, site: Litestar
) -> None:
    visitor = await sign_in(agents[0].viewer)
    await _take_roles(agents[0])
    page = await visitor.get(f"{bidding.url}/live")
    assert page.status_code == 200
    assert 'name="quoted"' not in page.text
    assert (await visitor.send_form(f"{bidding.url}/live", {"quoted": "120000"})).status_code == 403


async def _take_roles(agent: Agent) -> None:
    await execute("UPDATE membership SET handler = false WHERE person_id = $1", agent.viewer.person_id)


async def test_everybody_gets_the_answer_that_is_written_down(
    world: World, bidding: ProjectView, agents: list[Agent], owner: Viewer, sign_in: SignIn, client: Visitor
) -> None:
    bid = await bid_live(world, agents[0], bidding, 130_000 * YUAN)
    world.clock.set((await bidding_of(bidding)).schedule.ends_at)
    people = {
        "owner": owner,
        "colleague": owner,
        "other_owner": await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11")),
        "winning_agency": agents[0].viewer,
        "other_agency": agents[1].viewer,
        "expert": await organisation_of(world, "expert", 1),
        "regulator": await organisation_of(world, "regulator", 2, "3702"),
        "regulator_out_of_scope": await organisation_of(world, "regulator", 3, "4401"),
        "operator": replace(await operator_of(world), roles=EVERY_ROLE),
    }
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        address = path.replace("{number:str}", bidding.number).replace("{bid_id:uuid}", str(bid.id))
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    assert wrong == {}
