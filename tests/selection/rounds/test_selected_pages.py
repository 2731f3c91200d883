"""The page of a selection: sealed while it is sealed, then every bid, every figure and every lot."""

from __future__ import annotations

import json

import pytest

from market.demo.agencies import Agent
from market.demo.bids import sealed_bid, send_bid, submit_bid, submit_bids
from market.demo.experts import admit_experts, score, some_expert
from market.demo.live import begin_bidding, bid_in_turn, end_bidding
from market.demo.projects import publish_project
from market.demo.selection import close_sign_up, sign_up
from market.demo.world import FREEZE_PAUSE, World
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.dossiers.verification import verify
from projects.selection.rounds import queries
from projects.selection.rounds.actions import freeze
from tests.visitor import Visitor

PRICE_METHODS = ("lowest_price", "best_price", "average_price", "price_then_draw")


async def shown(client: Visitor, project: ProjectView, no: int = 1, locale: str = "en") -> str:
    found = await client.get(f"{project.url}/rounds/{no}", headers={"cookie": f"mx_locale={locale}"})
    assert found.status_code == 200
    return found.text


async def names_of(project: ProjectView) -> list[str]:
    data = json.loads(await queries.dossier_of(project.id, 1))
    return [one["name"] for one in data["pool"]["entrants"]]


@pytest.mark.parametrize("method", PRICE_METHODS)
async def test_a_decided_price_selection_shows_everything(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent], method: str
) -> None:
    project = await publish_project(world, owner, method=method)
    assert "What happens when the time is over" in await shown(client, project)
    await submit_bids(world, {agents[0]: 14_000_000, agents[1]: 13_000_000, agents[2]: 12_000_000}, project)
    copied = await sealed_bid(world, agents[3], project, 11_000_000, agency=agents[0].code)
    await send_bid(world, agents[3], project, copied)
    decided = await close_sign_up(world, project)
    page = await shown(client, decided)
    assert decided.winner_name is not None
    assert f'<p class="draw-winner__name">{decided.winner_name}</p>' in page
    for text in ("¥140,000.00", "¥130,000.00", "¥120,000.00", "Its contents were written by another agency."):
        assert text in page, text
    assert all(name in page for name in await names_of(decided))
    assert page.count("does not count") >= 2
    opening = next(one for one in await history_of(decided.number) if one.kind == "bids.opened")
    for bid in opening.data["bids"]:
        assert f"/register/entries/{bid['entry']}" in page
        assert bid["ciphertext_sha256"] in page
    assert "<selection-check" in page
    panel = (await client.get(decided.url, headers={"cookie": "mx_locale=en"})).text
    assert "Open the reckoning and check it" in panel
    assert "计算过程" in await shown(client, decided, locale="zh_CN")


async def test_nobody_is_named_before_the_opening(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, {agent: 12_000_000 + number for number, agent in enumerate(agents)}, project)
    world.clock.set(project.sign_up_closes_at + FREEZE_PAUSE)
    assert await freeze(project.id, world.now)
    page = await shown(client, project)
    assert "published with the opening" in page
    assert not any(agent.name in page or agent.code in page for agent in agents)
    panel = (await client.get(project.url, headers={"cookie": "mx_locale=en"})).text
    assert not any(agent.name in panel or agent.code in panel for agent in agents)
    assert "See the selection" in panel


async def test_too_few_valid_bids_are_shown_all_the_same(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, {agents[0]: 12_000_000, agents[1]: 15_200_001, agents[2]: 1}, project)
    failed = await close_sign_up(world, project)
    page = await shown(client, failed)
    assert "Nobody was selected" in page
    assert "The bid is above the ceiling." in page
    assert "The bid is below the floor." in page
    panel = (await client.get(failed.url, headers={"cookie": "mx_locale=en"})).text
    assert "Too few of the bids that were opened are valid." in panel


async def test_discounts_are_shown_as_discounts_and_prices(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(
        world, owner, method="lowest_price", quote="discount", smallest_discount="1", largest_discount="30", floor=""
    )
    await submit_bids(world, {agents[0]: 1250, agents[1]: 1000, agents[2]: 500}, project)
    page = await shown(client, await close_sign_up(world, project))
    assert "12.5%" in page
    assert "¥133,000.00" in page


async def test_a_named_agency_and_its_reason(world: World, client: Visitor, owner: Viewer, agents: list[Agent]) -> None:
    direct = await publish_project(world, owner, method="direct", invited_code=[agents[1].code])
    await sign_up(world, agents[1], direct)
    await world.settle()
    page = await shown(client, direct)
    assert direct.access_reason in page
    assert "Nothing was sealed and nothing left to chance" in page
    tender = await publish_project(world, owner, method="outside_tender", invited_code=[agents[2].code])
    await world.run_past(tender.sign_up_closes_at)
    page = await shown(client, tender)
    assert tender.tender_number in page
    assert tender.tender_platform in page


async def test_marks_are_shown_once_all_have_signed(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    await admit_experts(world, [some_expert(number) for number in range(1, 8)])
    project = await publish_project(world, owner, method="merit")
    await submit_bids(world, {agents[0]: 14_000_000, agents[1]: 13_000_000, agents[2]: 12_000_000}, project)
    opened = await close_sign_up(world, project)
    page = await shown(client, opened)
    assert "The experts score, each alone" in page
    assert "¥140,000.00" in page
    assert "All marks for" not in page
    panel = (await client.get(opened.url, headers={"cookie": "mx_locale=en"})).text
    assert "See the opened bids" in panel
    await score(world, opened)
    await world.settle()
    page = await shown(client, opened)
    assert page.count("All marks for") == 3
    assert "Price points" in page


async def test_live_rounds_are_shown_bid_by_bid(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="multi_round")
    await sign_up(world, agents[0], project)
    await sign_up(world, agents[1], project)
    await submit_bid(world, agents[2], project, 11_900_000)
    bidding = await begin_bidding(world, project)
    await bid_in_turn(world, bidding, [(agents[0], 13_000_000), (agents[1], 12_500_000)])
    page = await shown(client, await end_bidding(world, bidding))
    assert "Round 1 of bidding: 2 bids" in page
    assert "¥119,000.00" in page
    assert "Sealed reserve prices" in page


async def test_the_published_file_is_the_one_that_verifies(
    world: World, client: Visitor, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="best_price")
    await submit_bids(world, {agents[0]: 14_000_000, agents[1]: 13_000_000, agents[2]: 12_000_000}, project)
    decided = await close_sign_up(world, project)
    answer = await client.get(f"{decided.url}/rounds/1/dossier.json")
    assert verify(answer.content).ok
