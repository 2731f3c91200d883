"""Every method of selection in a real browser, from the owner's form to a result that a visitor computes again: bids are
sealed by the browser that typed them, live rounds move by the server's events, experts sign their marks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import expect

from market.demo.agencies import Agent, admit_agencies, some_agency
from market.demo.experts import ExpertPerson, admit_experts, seats, some_expert
from market.demo.live import begin_bidding, end_bidding
from market.demo.projects import bidding_time, open_owner
from market.demo.selection import close_sign_up
from market.demo.world import World
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.verification import verify
from projects.selection.rounds.queries import dossier_of
from tests.beginnings import Beginning, begins_with, three_agencies
from tests.browser import agency, selection
from tests.browser.conftest import Arrive
from tests.browser.person import Person

pytestmark = pytest.mark.browser
beginning = begins_with({"market": three_agencies})
At = Callable[[Viewer], Awaitable[Person]]
LIMITS: dict[str, Any] = {"ceiling": "150000", "floor": "80000"}


@dataclass
class Market:
    world: World
    at: At
    owner: Person
    visitor: Person
    agents: list[Agent]

    async def bid(self, number: str, amounts: list[str], proposal: str = "") -> None:
        """Each agency at a browser of its own."""
        for agent, amount in zip(self.agents, amounts, strict=False):
            await selection.bid(await self.at(agent.viewer), number, amount, proposal)

    async def closed(self, number: str) -> ProjectView:
        return await close_sign_up(self.world, await project_by_number(number))

    async def proved(self, project: ProjectView) -> None:
        """The visitor's browser and the market's own command come to the published result."""
        assert project.stage is Stage.RESULT_NOTICE
        await self.visitor.open(f"/projects/{project.number}")
        await expect(self.visitor.page.locator("main")).to_contain_text(project.winner_name or "")
        await selection.compute_again(self.visitor, project.number)
        assert verify(await dossier_of(project.id, 1)).ok


# Pages that are alike are inspected once, by the first of the tests that come to them.
INSPECTED = ("test_sealed_prices[lowest_price", "test_merit", "test_live_rounds", "test_outside_tender", "test_invited")


@pytest.fixture
async def market(beginning: Beginning, world: World, arrive: Arrive, request: pytest.FixtureRequest) -> Market:
    async def somebody() -> Person:
        person = await arrive()
        person.keep_looking = request.node.name.startswith(INSPECTED)
        return person

    async def at(viewer: Viewer) -> Person:
        person = await somebody()
        await person.enter_as(viewer)
        return person

    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code="11370203004205678J")
    return Market(world, at, await at(owner), await somebody(), list(beginning.memory))


@pytest.mark.parametrize(
    ("method", "winner"),
    [("lowest_price", 2), ("average_price", 1), ("best_price", None), ("price_then_draw", None)],
)
async def test_sealed_prices(market: Market, method: str, winner: int | None) -> None:
    number = await selection.post_notice(market.owner, method, **LIMITS)
    await market.bid(number, ["140000", "131000.50", "120000"])
    await market.visitor.open(f"/projects/{number}")
    decided = await market.closed(number)
    await market.proved(decided)
    if winner is not None:
        assert decided.winner_code == market.agents[winner].code


async def test_discounts(market: Market) -> None:
    number = await selection.post_notice(
        market.owner,
        "lowest_price",
        ceiling="150000",
        floor="",
        quote="discount",
        smallest_discount="1",
        largest_discount="30",
    )
    await market.bid(number, ["5", "12.5", "8.25"])
    decided = await market.closed(number)
    assert decided.price_fen == 15_000_000 * 8_750 // 10_000
    await market.proved(decided)


async def test_merit(market: Market) -> None:
    experts: list[ExpertPerson] = await admit_experts(market.world, [some_expert(number) for number in range(1, 7)])
    closes_at = local_input(market.world.calendar.add_working_days(market.world.now, 7))
    number = await selection.post_notice(
        market.owner,
        "merit",
        criteria=True,
        price_weight="30",
        credit_weight="10",
        sign_up_closes_at=closes_at,
        **LIMITS,
    )
    await market.bid(number, ["140000", "130000", "120000"], proposal="技术方案.pdf")
    opened = await market.closed(number)
    assert opened.stage is Stage.EVALUATION
    for place, seat in enumerate(await seats(opened)):
        expert = next(one for one in experts if one.organisation_id == seat.organisation_id)
        await selection.score(await market.at(expert.viewer), str(66 + 4 * place))
    await market.world.settle()
    await market.proved(await project_by_number(number))


async def test_live_rounds(market: Market) -> None:
    starts_at = local_input(bidding_time(market.world, 5))
    number = await selection.post_notice(market.owner, "multi_round", bidding_starts_at=starts_at, **LIMITS)
    first, second, away = [await market.at(agent.viewer) for agent in market.agents]
    for person in (first, second):
        await agency.sign_up(person, number)
    await selection.bid(away, number, "118000")
    project = await begin_bidding(market.world, await project_by_number(number))
    for person in (first, second):
        await person.open(f"/projects/{number}/live")
    await selection.bid_live(first, number, "130,000.00")
    await expect(second.page.locator('#live [data-part="lowest"]')).to_contain_text("130,000")
    await selection.bid_live(second, number, "125,000.00")
    await expect(first.page.locator('#live [data-part="rank"]')).to_have_text("2")
    decided = await end_bidding(market.world, project)
    assert (decided.winner_id, decided.price_fen) == (market.agents[2].id, 11_800_000)
    await market.proved(decided)


async def test_invited_agencies_only(market: Market) -> None:
    stranger = (await admit_agencies(market.world, [some_agency(9)]))[0]
    everybody = [agent.code for agent in market.agents]
    number = await selection.post_notice(
        market.owner,
        "lowest_price",
        access="invited",
        invited=everybody,
        access_reason="涉密资料仅向已签保密协议的机构提供。",
        **LIMITS,
    )
    refused = await market.at(stranger.viewer)
    await refused.open(f"/projects/{number}/bid")
    await expect(refused.page.locator("main")).to_contain_text("仅限受邀机构")
    assert await refused.form("/bid").count() == 0
    await market.bid(number, ["140000", "130000", "120000"])
    await market.proved(await market.closed(number))


async def test_direct_selection(market: Market) -> None:
    chosen = market.agents[1]
    number = await selection.post_notice(
        market.owner, "direct", invited=[chosen.code], access_reason="该机构承担了前期控制测量，可沿用已有成果。", budget="96000",
        price="88000",
    )  # fmt: skip
    await agency.sign_up(await market.at(chosen.viewer), number)
    await market.world.settle()
    decided = await project_by_number(number)
    assert decided.winner_id == chosen.id
    await market.proved(decided)


async def test_outside_tender(market: Market) -> None:
    chosen = market.agents[0]
    number = await selection.post_notice(
        market.owner, "outside_tender", invited=[chosen.code], files=["中标结果公告.pdf"], price="152000",
        tender_number="QDGGZY-2026-0617", tender_platform="青岛市公共资源交易平台",
    )  # fmt: skip
    await market.world.settle()
    decided = await project_by_number(number)
    assert decided.winner_id == chosen.id
    await market.proved(decided)


async def test_without_scripts_the_server_seals_and_says_so(market: Market, arrive: Arrive) -> None:
    number = await selection.post_notice(market.owner, "lowest_price", funding="none", **LIMITS)
    plain: Any = await arrive(java_script_enabled=False)
    await plain.enter_as(market.agents[0].viewer)
    plain.keep_looking = False
    await plain.open(f"/projects/{number}/bid")
    assert "服务器" in await plain.page.locator('[data-part="scriptless"]').inner_text()
    await plain.page.locator('[name="authorised_person"]').first.check()
    await plain.page.locator('[name="agreed"]').check()
    await plain.page.locator("[data-amount]").fill("120000")
    await plain.page.locator('[data-part="plain"] [type="submit"]').click()
    assert (await market.closed(number)).price_fen == 12_000_000
