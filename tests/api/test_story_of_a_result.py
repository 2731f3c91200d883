"""A result that is objected to and complained about; a place, a bid and a selection that are given up. By programs."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import pytest

from agencies.queries import authorised_persons
from market.demo import complaints as demo
from market.demo.agencies import Agent, credit_code, paper, sign_up_agency, some_agency
from market.demo.bids import sealed_bid
from market.demo.projects import closing_time, open_owner, publish_project
from market.demo.selection import GROUNDS, STATEMENT, close_sign_up, reject, sign_up
from market.demo.world import World
from market.kernel.db import fetch_value
from market.web.display import local_input
from projects.complaints.queries import complaint_by_id
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from tests.api.conftest import Cast, Enter, Program, built_cast
from tests.api.test_acting import notice
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, drawn_among_four, recall
from tests.ratings.people import open_regulator

beginning = begins_with({"award": drawn_among_four, "cast": built_cast})
PIECE = {"name": "证据.pdf", "content": base64.b64encode(paper("证据").content).decode()}
PLAN = {"label": "平面图", "document": {"name": "plan.pdf", "content": "JVBERi0xLjQKJSVFT0YK"}}


@pytest.fixture
def award(beginning: Beginning, world: World) -> Award:
    return recall(beginning, world)


async def strangers(world: World, enter: Enter) -> list[Program]:
    """Another owner, and an agency that is not in the market yet."""
    other = await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11"))
    outside = await sign_up_agency(world, some_agency(9, legal_representative="法定代表人九"))
    return [await enter(other), await enter(outside.viewer)]


def id_in(told: dict[str, Any]) -> UUID:
    return UUID(told["page"].rpartition("/")[2])


async def test_an_objection_and_a_complaint_from_the_first_word_to_the_last(award: Award, enter: Enter) -> None:
    world, number = award.world, award.number
    regulator = await open_regulator(world, 1, "3702")
    objector, owner, third = await enter(award.losers[0]), await enter(award.owner), await enter(award.losers[1])
    objector.strangers = owner.strangers = third.strangers = await strangers(world, enter)
    await objector.is_refused("object", "invalid", {"grounds": "不服"}, number=number)
    await third.does("object", {"grounds": GROUNDS}, number=number)
    mistaken = await fetch_value("SELECT id FROM objection")
    await third.does("withdrawObjection", objection_id=mistaken)
    await third.is_refused("withdrawObjection", "objection.ended", objection_id=mistaken)
    await objector.does("object", {"grounds": GROUNDS}, number=number)
    objection = await fetch_value("SELECT id FROM objection WHERE id <> $1", mistaken)
    await owner.is_refused("stateView", "invalid", {"statement": "无"}, objection_id=objection)
    await owner.does("stateView", {"statement": STATEMENT}, objection_id=objection)

    complaint = {"grounds": demo.GROUNDS, "request": demo.REQUEST, "files": [PIECE]}
    await objector.is_refused("complain", "complaint.not_answered", complaint, objection_id=objection)
    await reject(world, objection)
    told = await objector.does("complain", complaint, objection_id=objection)
    place = {"complaint_id": id_in(told)}
    correction = {"correction": demo.CORRECTION, "files": [PIECE]}
    await objector.is_refused("correctComplaint", "complaint.moved_on", correction, **place)
    await demo.give_back(world, await complaint_by_id(place["complaint_id"]), regulator)
    await objector.does("correctComplaint", correction, **place)
    await objector.does("withdrawComplaint", **place)
    await objector.is_refused("withdrawComplaint", "complaint.moved_on", **place)


async def test_who_was_not_drawn_gives_up_its_place(award: Award, enter: Enter) -> None:
    winner, loser = await enter(award.winner), await enter(award.losers[0])
    loser.strangers = await strangers(award.world, enter)
    await winner.is_refused("abandonSignUp", "sign_up.winner", number=award.number)
    await loser.does("abandonSignUp", number=award.number)


async def entrant(agent: Agent) -> dict[str, Any]:
    return {"authorised_person": str((await authorised_persons(agent.id))[0].id), "agreed": True}


async def bid_of(world: World, agent: Agent, project: ProjectView, quoted: int) -> dict[str, Any]:
    sealed = await sealed_bid(world, agent, project, quoted)
    assert isinstance(sealed.ciphertext, str)
    return {**await entrant(agent), "nonce": sealed.nonce, "ciphertext": sealed.ciphertext}


async def test_sign_up_bid_and_reserve_price(cast: Cast, world: World, enter: Enter) -> None:
    first = cast.agents[0]
    agency = await enter(first.viewer)
    await agency.is_refused("signUp", "invalid", {"agreed": True}, number=cast.project.number)
    await agency.does("signUp", await entrant(first), number=cast.project.number)
    await agency.does("withdrawSignUp", number=cast.project.number)

    mistaken = {"nonce": "0" * 32, "ciphertext": "no bid is asked for here"}
    await agency.is_refused("submitBid", "bid.not_asked", mistaken, number=cast.project.number)
    live = await publish_project(world, cast.owner, method="multi_round")
    await agency.is_refused("submitBid", "invalid", {**await entrant(first), "nonce": "0" * 32}, number=live.number)
    await agency.does("submitBid", await bid_of(world, first, live, 120_000_00), number=live.number)
    await agency.does("withdrawReservePrice", number=live.number)
    await agency.does("submitBid", await bid_of(world, first, live, 121_000_00), number=live.number)
    await agency.does("signUp", await entrant(first), number=cast.project.number)
    await world.run_until(live.sign_up_closes_at)
    await agency.is_refused("withdrawReservePrice", "sign_up.withdrawal_closed", number=live.number)
    await agency.is_refused("withdrawSignUp", "sign_up.withdrawal_closed", number=cast.project.number)


async def fail(world: World, cast: Cast, project: ProjectView) -> None:
    """Two sign up where three are needed."""
    for agent in cast.agents[:2]:
        await sign_up(world, agent, project)
    assert (await close_sign_up(world, project)).stage is Stage.FAILED


async def test_notices_are_written_amended_withdrawn_and_followed_by_others(
    cast: Cast, world: World, enter: Enter, agency: Program
) -> None:
    owner, number = await enter(cast.owner), cast.project.number
    other = await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11"))
    owner.strangers = [await enter(other), agency]
    draft = (await owner.act("/drafts", notice(world))).json()["id"]
    await owner.is_refused("attachDocument", "invalid", {"label": "平面图"}, draft_id=draft)
    await owner.does("attachDocument", PLAN, draft_id=draft)
    [file] = (await owner.read(f"/drafts/{draft}")).json()["values"]["files"]
    await owner.does("removeDocument", draft_id=draft, file_id=file["id"])
    seen = (await owner.read(f"/drafts/{draft}")).json()["fingerprint"]
    await owner.is_refused("publishDraft", "posting.changed_since_check", {"seen": "0" * len(seen)}, draft_id=draft)
    told = await owner.does("publishDraft", {"seen": seen}, draft_id=draft)
    await owner.is_refused("removeDocument", "posting.already_published", draft_id=draft, file_id=file["id"])
    published = told["href"].rpartition("/")[2]
    change = {"reason": "补充测区范围说明。", "scale": "13 个小区"}
    await owner.is_refused("amendNotice", "invalid", {**change, "price": "0"}, number=published)
    await owner.does("amendNotice", {**notice(world), **change}, number=published)
    await owner.is_refused("withdrawNotice", "invalid", {"reason": "不要"}, number=published)
    await owner.does("withdrawNotice", {"reason": "项目资金计划调整，暂缓实施。"}, number=published)

    await owner.is_refused("repostProject", "project.stage_moved", number=number)
    await fail(world, cast, cast.project)
    reason = {"agency": cast.agents[0].code, "reason": "两次公开选取报名机构不足，该机构已报名且符合全部条件。"}
    await owner.is_refused("pickAgency", "failed.too_early", reason, number=number)
    again = await owner.does("repostProject", number=number)
    draft = again["href"].rpartition("/")[2]
    closes = local_input(closing_time(world, 4))
    await owner.put(f"/api/v1/drafts/{draft}", json=notice(world, sign_up_closes_at=closes), headers={"if-match": "*"})
    seen = (await owner.read(f"/drafts/{draft}")).json()["fingerprint"]
    told = await owner.does("publishDraft", {"seen": seen}, draft_id=draft)
    second = told["href"].rpartition("/")[2]
    await fail(world, cast, await project_by_number(second))
    await owner.does("pickAgency", reason, number=second)
