"""Every method from its notice to its result, through the public actions, on a real database and a real beacon."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from market.catalogue.rules import Rulebook
from market.cli.audit import audit_market
from market.demo.agencies import Agent
from market.demo.bids import sealed_bid, send_bid, submit_bid, submit_bids
from market.demo.experts import ExpertPerson, admit_experts, score, some_expert
from market.demo.live import begin_bidding, bid_in_turn, end_bidding
from market.demo.projects import notice_values, publish_project
from market.demo.selection import close_sign_up, object_to, sign_up, uphold
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.errors import Refusal
from market.register.queries import history_of
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.posting import actions as posting
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.verification import verify
from projects.selection.rounds import queries
from projects.selection.rounds.actions import freeze, redraw
from projects.selection.rounds.rules import Cause, tickets_of

PRICE_METHODS = ("lowest_price", "best_price", "average_price", "price_then_draw")


async def published_dossier(project: ProjectView, no: int = 1) -> dict[str, Any]:
    data = await queries.dossier_of(project.id, no)
    report = verify(data)
    assert report.ok, report.members()
    found: dict[str, Any] = json.loads(data)
    if winner := found["decision"]["winner"]:
        assert winner in await eligible_at_freeze(project, no)
    return found


async def eligible_at_freeze(project: ProjectView, no: int) -> set[str]:
    rows = await fetch(
        "SELECT o.code FROM eligibility_snapshot e JOIN selection_round r ON r.id = e.round_id"
        " JOIN organisation o ON o.id = e.agency_id WHERE r.project_id = $1 AND r.no = $2 AND e.eligible",
        project.id, no,
    )  # fmt: skip
    return {row["code"] for row in rows}


async def kinds_of(project: ProjectView) -> list[str]:
    return [one.kind for one in await history_of(project.number)]


async def audited() -> list[str]:
    return [str(one) for one in await audit_market()]


@pytest.fixture
async def quotes(agents: list[Agent]) -> dict[Agent, int]:
    return {agents[0]: 14_000_000, agents[1]: 13_000_000, agents[2]: 12_000_000, agents[3]: 12_500_000}


@pytest.mark.parametrize("method", PRICE_METHODS)
async def test_a_price_method_from_notice_to_result(
    world: World, owner: Viewer, quotes: dict[Agent, int], method: str
) -> None:
    project = await publish_project(world, owner, method=method)
    assert project.price is None
    await submit_bids(world, quotes, project)
    decided = await close_sign_up(world, project)
    assert decided.stage is Stage.RESULT_NOTICE
    assert decided.winner_code is not None
    by_code = {agent.code: quoted for agent, quoted in quotes.items()}
    assert decided.price_fen == by_code[decided.winner_code]
    if method == "lowest_price":
        assert decided.price_fen == 12_000_000
    dossier = await published_dossier(decided)
    assert dossier["method"] == method
    assert {one["code"]: one["quoted"] for one in dossier["bids"]} == by_code
    assert (await kinds_of(decided))[-3:] == ["pool.sealed", "bids.opened", "selection.decided"]
    assert await audited() == []


async def test_a_discount_is_taken_off_the_ceiling(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(
        world, owner, method="lowest_price", quote="discount", smallest_discount="1", largest_discount="30", floor=""
    )
    await submit_bids(world, {agents[0]: 1250, agents[1]: 1000, agents[2]: 500}, project)
    decided = await close_sign_up(world, project)
    assert decided.winner_code == agents[0].code
    assert decided.price_fen == 15_200_000 * 8750 // 10_000
    await published_dossier(decided)


async def test_between_close_and_opening_nobody_is_named(world: World, owner: Viewer, quotes: dict[Agent, int]) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, quotes, project)
    world.clock.set(project.sign_up_closes_at + FREEZE_PAUSE)
    assert await freeze(project.id, world.now)
    shown = await queries.round_by_no(project.id, 1)
    assert (shown.state, shown.pool, shown.excluded, shown.salt) == ("frozen", None, None, None)
    told = json.dumps([[one.kind, one.data] for one in await history_of(project.number)])
    assert not any(agent.code in told for agent in quotes)
    sealed = next(one for one in await history_of(project.number) if one.kind == "pool.sealed")
    assert set(sealed.data) == {"round_no", "sha256"}
    await world.run_past(project.sign_up_closes_at)
    assert (await published_dossier(project))["pool"]["hash"] == sealed.data["sha256"]


async def test_whoever_left_no_bid_is_left_out_and_too_few_fail(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, {agents[0]: 12_000_000, agents[1]: 13_000_000}, project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    texts = await fetch("SELECT ciphertext, ended FROM sealed_bid WHERE project_id = $1", project.id)
    assert [(row["ciphertext"], row["ended"]) for row in texts] == [(None, "unopened")] * 2
    assert (await queries.round_by_no(project.id, 1)).pool is None
    assert await audited() == []


async def test_bids_outside_the_limits_are_shown_with_their_reason_and_too_few_valid_fail(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, {agents[0]: 12_000_000, agents[1]: 15_200_001, agents[2]: 1}, project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    assert failed.price is None
    dossier = await published_dossier(failed)
    faults = {one["code"]: one["fault"] for one in dossier["decision"]["rejected"]}
    assert faults == {agents[1].code: "above_ceiling", agents[2].code: "below_floor"}
    assert (await history_of(project.number))[-1].data["reason"] == "too_few_valid"
    assert await audited() == []


async def test_a_copied_bid_opens_and_does_not_count(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="lowest_price", funding="none")
    await submit_bid(world, agents[0], project, 12_000_000)
    copied = await sealed_bid(world, agents[1], project, 11_000_000, agency=agents[0].code)
    await send_bid(world, agents[1], project, copied)
    decided = await close_sign_up(world, project)
    assert decided.winner_code == agents[0].code
    dossier = await published_dossier(decided)
    assert {one["code"]: one["fault"] for one in dossier["bids"]} == {
        agents[0].code: None,
        agents[1].code: "other_agency",
    }


async def test_a_further_selection_compares_the_opened_bids_again(
    world: World, owner: Viewer, quotes: dict[Agent, int]
) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    await submit_bids(world, quotes, project)
    first = await close_sign_up(world, project)
    assert first.winner_id is not None
    async with transaction():
        await redraw(project.id, cause=Cause.WINNER_REFUSED, exclude={first.winner_id}, now=world.now)
    between = await project_by_number(project.number)
    assert (between.stage, between.price) == (Stage.DRAWING, None)
    await world.run_past(world.now + timedelta(seconds=30))
    second = await project_by_number(project.number)
    assert (second.stage, second.price_fen) == (Stage.RESULT_NOTICE, 12_500_000)
    dossier = await published_dossier(second, 2)
    assert dossier["opening"]["round"] < dossier["beacon"]["round"]
    assert await audited() == []


async def test_sign_up_opened_again_asks_for_fresh_bids(world: World, owner: Viewer, quotes: dict[Agent, int]) -> None:
    project = await publish_project(world, owner, method="best_price")
    await submit_bids(world, quotes, project)
    first = await close_sign_up(world, project)
    objection = await object_to(world, owner, first)
    await uphold(world, objection)
    again = await project_by_number(project.number)
    assert (again.stage, again.price) == (Stage.SIGN_UP, None)
    await submit_bids(world, {agent: quoted + 100 for agent, quoted in quotes.items()}, again)
    second = await close_sign_up(world, again)
    assert second.price_fen is not None
    assert second.price_fen % 1000 == 100
    await published_dossier(second, 2)
    assert await audited() == []


async def test_direct_selection_takes_effect_when_the_agency_answers(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="direct", invited_code=[agents[1].code])
    await sign_up(world, agents[1], project)
    await world.settle()
    decided = await project_by_number(project.number)
    assert (decided.stage, decided.winner_code, decided.price_fen) == (Stage.RESULT_NOTICE, agents[1].code, 8_800_000)
    assert (await published_dossier(decided))["evidence"] == {"reason": project.access_reason}
    assert await audited() == []


async def test_direct_selection_fails_when_the_agency_does_not_answer(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="direct", invited_code=[agents[1].code])
    assert (await close_sign_up(world, project)).stage is Stage.FAILED


async def test_a_named_agency_that_refuses_leaves_nobody(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="direct", invited_code=[agents[1].code])
    await sign_up(world, agents[1], project)
    await world.settle()
    async with transaction():
        stage = await redraw(project.id, cause=Cause.WINNER_REFUSED, exclude={agents[1].id}, now=world.now)
    assert stage is Stage.FAILED
    assert await audited() == []


async def test_the_result_of_an_outside_tender_is_registered(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="outside_tender", invited_code=[agents[2].code])
    await world.run_past(project.sign_up_closes_at)
    decided = await project_by_number(project.number)
    assert (decided.stage, decided.winner_code, decided.price_fen) == (
        Stage.RESULT_NOTICE,
        agents[2].code,
        project.price_fen,
    )
    evidence = (await published_dossier(decided))["evidence"]
    assert evidence["notice_number"] == project.tender_number
    assert len(evidence["files"]) == 1
    assert await audited() == []


async def test_an_amendment_that_moves_the_round_makes_bids_void(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="lowest_price", funding="none")
    await submit_bid(world, agents[0], project, 12_000_000)
    later = project.sign_up_closes_at + timedelta(days=1)
    values = notice_values(world, method="lowest_price", funding="none") | {"sign_up_closes_at": local_input(later)}
    await posting.amend(
        owner,
        project.number,
        values,
        reason="延长报名时间",
        calendar=world.calendar,
        beacon=world.beacon,
        now=world.now,
    )
    row = await fetch("SELECT ciphertext, ended FROM sealed_bid")
    assert [(one["ciphertext"], one["ended"]) for one in row] == [(None, "amended")]
    await submit_bid(world, agents[0], await project_by_number(project.number), 11_500_000)
    decided = await close_sign_up(world, project)
    assert decided.price_fen == 11_500_000
    assert await audited() == []


async def test_a_notice_withdrawn_erases_its_bids(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="lowest_price", funding="none")
    await submit_bid(world, agents[0], project, 12_000_000)
    await posting.withdraw(owner, project.number, reason="项目取消，不再实施。", now=world.now)
    assert await fetch_value("SELECT count(*) FROM sealed_bid WHERE ciphertext IS NOT NULL") == 0


# -- by marks of experts ---------------------------------------------------------------------------


@pytest.fixture
async def experts(world: World) -> list[ExpertPerson]:
    return await admit_experts(world, [some_expert(number) for number in range(1, 8)])


async def test_merit_opens_asks_experts_and_decides_with_the_last_signature(
    world: World, owner: Viewer, quotes: dict[Agent, int], experts: list[ExpertPerson]
) -> None:
    project = await publish_project(world, owner, method="merit")
    await submit_bids(world, quotes, project)
    opened = await close_sign_up(world, project)
    assert (opened.stage, opened.price) == (Stage.EVALUATION, None)
    assert opened.opened_at is not None
    await score(world, opened)
    await world.settle()
    decided = await project_by_number(project.number)
    assert decided.stage is Stage.RESULT_NOTICE
    dossier = await published_dossier(decided)
    assert len({one["expert"] for one in dossier["evidence"]["marks"]}) == dossier["terms"]["merit"]["panel_size"] == 3
    totals = {one["code"]: one["points"]["total"] for one in dossier["decision"]["entries"]}
    assert decided.winner_code == max(totals, key=lambda code: totals[code])
    assert await audited() == []


async def test_merit_without_enough_experts_fails_before_anything_is_opened(
    world: World, owner: Viewer, quotes: dict[Agent, int]
) -> None:
    project = await publish_project(world, owner, method="merit")
    await submit_bids(world, quotes, project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    assert await fetch_value("SELECT count(*) FROM sealed_bid WHERE ciphertext IS NOT NULL") == 0
    assert (await history_of(project.number))[-1].data["reason"] == "no_panel"
    assert await audited() == []


async def test_merit_with_too_few_valid_bids_asks_no_expert(
    world: World, owner: Viewer, agents: list[Agent], experts: list[ExpertPerson]
) -> None:
    project = await publish_project(world, owner, method="merit")
    await submit_bids(world, {agents[0]: 12_000_000, agents[1]: 1, agents[2]: 2}, project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    assert (await published_dossier(failed))["evidence"] is None
    assert await audited() == []


# -- live rounds -------------------------------------------------------------------------------------


async def test_live_rounds_and_a_reserve_price_that_bids_for_who_is_not_there(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="multi_round")
    await sign_up(world, agents[0], project)
    await sign_up(world, agents[1], project)
    await submit_bid(world, agents[2], project, 11_900_000)
    bidding = await begin_bidding(world, project)
    await bid_in_turn(world, bidding, [(agents[0], 13_000_000), (agents[1], 12_500_000), (agents[0], 12_000_000)])
    decided = await end_bidding(world, bidding)
    assert (decided.stage, decided.winner_code, decided.price_fen) == (
        Stage.RESULT_NOTICE,
        agents[2].code,
        11_900_000,
    )
    dossier = await published_dossier(decided)
    assert [len(one["bids"]) for one in dossier["evidence"]["rounds"]] == [3, 0, 0]
    assert await audited() == []


async def test_a_further_selection_after_live_rounds_keeps_what_was_bid(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="multi_round")
    for agent in agents[:3]:
        await sign_up(world, agent, project)
    bidding = await begin_bidding(world, project)
    await bid_in_turn(world, bidding, [(agents[0], 13_000_000), (agents[1], 12_500_000), (agents[2], 12_000_000)])
    first = await end_bidding(world, bidding)
    assert first.winner_id == agents[2].id
    async with transaction():
        await redraw(project.id, cause=Cause.SIGNING_LAPSED, exclude={agents[2].id}, now=world.now)
    await world.run_past(world.now + timedelta(seconds=30))
    second = await project_by_number(project.number)
    assert (second.winner_id, second.price_fen) == (agents[1].id, 12_500_000)
    await published_dossier(second, 2)
    assert await audited() == []


# -- who may come, and with how many tickets --------------------------------------------------------


async def test_only_the_invited_take_part(world: World, owner: Viewer, agents: list[Agent]) -> None:
    invited = [agent.code for agent in agents[:3]]
    project = await publish_project(world, owner, method="lowest_price", invited_code=invited)
    with pytest.raises(Refusal) as refused:
        await submit_bid(world, agents[3], project, 11_000_000)
    assert refused.value.code == "sign_up.not_eligible"
    await submit_bids(world, {agents[0]: 14_000_000, agents[1]: 13_000_000, agents[2]: 12_000_000}, project)
    assert (await close_sign_up(world, project)).winner_code == agents[2].code


def with_values(book: Rulebook, key: str, *values: int) -> Rulebook:
    listed = tuple(
        replace(rule, value=values if len(values) > 1 else values[0]) if rule.key == key else rule
        for rule in book.listed
    )
    return replace(book, listed=listed)


async def test_tickets_follow_the_stars_where_the_rulebook_weighs_them(world: World) -> None:
    book = world.rulebook
    assert {tickets_of(score, book) for score in (None, 120, 95, 94, 60, 0)} == {1}
    weighed = with_values(with_values(book, "draw.tickets_by_stars", 5, 4, 3, 2, 1), "draw.tickets", 2)
    assert [tickets_of(score, weighed) for score in (120, 95, 94, 85, 84, 70, 60, 59, None)] == [
        5,
        5,
        4,
        4,
        3,
        3,
        2,
        1,
        2,
    ]
