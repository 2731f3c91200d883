"""Onto the lists and off them, on a real database; what follows for sign-up follows at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from agencies.queries import facts_of
from market.accounts.queries import organisation
from market.demo import cases
from market.demo.agencies import Agent, admit_agency, credit_code, operator_of, some_agency
from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.errors import NotFound, Refusal
from market.kernel.spreadsheets import safe_cell
from market.register.queries import history_of
from projects.queries import project_by_number
from ratings.cases.rules import GROUNDS, Violation
from ratings.credit import queries as credit
from ratings.decisions import actions, queries
from ratings.decisions.panels import to_decide
from ratings.lists import queries as lists
from ratings.periods import add_months, term_end
from tests.ratings.people import open_regulator
from tests.ratings.test_credit_events import act, deduct
from tests.visitor import Visitor


@pytest.fixture
async def agent(world: World) -> Agent:
    await operator_of(world)  # so that decisions made at once find the same operator
    made = await admit_agency(world, some_agency(1))
    await world.settle()
    return made


async def restrict(world: World, agent: Agent, years: int = 1) -> UUID:
    """By the decision of a case, the only way."""
    found = await cases.restrict(world, agent.id, await open_regulator(world, 7, "37"), await operator_of(world), years)
    assert found.measure is not None
    assert found.measure.list_entry_id is not None
    return found.measure.list_entry_id


async def finish_jobs(world: World, agent: Agent, count: int) -> None:
    """Whole projects from notice to acceptance, side by side in time; the agency is the only one to sign up."""
    owner = await open_owner(world, name="青岛某置业有限公司", code=credit_code(77), kind="enterprise")
    notices = [await publish_project(world, owner, funding="none") for _ in range(count)]
    for notice in notices:
        await sign_up(world, agent, notice)
    await world.run_past(notices[0].sign_up_closes_at)
    drawn = [await project_by_number(notice.number) for notice in notices]
    await world.run_until(max(one.result_notice_ends_at for one in drawn if one.result_notice_ends_at))
    for notice in notices:
        await sign_both(world, notice.number, owner, agent.viewer)
        await deliver_results(world, notice.number, agent.viewer)
        await accept_delivery(world, notice.number, owner)
    await world.settle()


async def put_on_red(world: World, agent: Agent) -> UUID:
    operator = await operator_of(world)
    found = await actions.put_on_red_list(
        await organisation(agent.id), acting=operator, calendar=world.calendar, now=world.now
    )
    return found.id


async def test_whoever_is_restricted_cannot_sign_up_from_that_moment(world: World, agent: Agent) -> None:
    await restrict(world, agent, years=2)
    [facts] = await facts_of([agent.id])
    assert facts.standing.restricted_until == term_end(world.now, 24)
    assert facts.standing.restriction_reason == GROUNDS[Violation.FRAUD].title
    assert facts.standing.restricted_at(world.now)
    acts = [one.kind for one in await history_of(agent.code)]
    assert {"credit.event", "list.entered", "standing.changed"} <= set(acts)


async def test_every_change_can_be_read_and_nobody_is_named_who_has_left(
    world: World, agent: Agent, site: Litestar
) -> None:
    entry_id = await restrict(world, agent)
    async with Visitor(site) as anybody:
        for path in ("/decisions.csv", "/lists/changes.csv?name=restricted", "/lists/changes?name=restricted"):
            assert agent.code in (await anybody.get(path)).text
        [decision] = (await anybody.get("/decisions.json")).json()["decisions"]
        assert (decision["organisation"], decision["measure"], decision["months"]) == (agent.code, "restricted", 12)
        [entered] = (await anybody.get("/lists/changes.json?name=restricted")).json()["changes"]
        assert (entered["change"], entered["organisation"]) == ("entered", agent.code)
        world.clock.set(term_end(world.now, 12))
        await world.settle()
        left, entered = (await anybody.get("/lists/changes.json?name=restricted")).json()["changes"]
        assert (left["change"], left["organisation"], left["evidence"]) == ("left", None, None)
        assert (entered["change"], entered["name"]) == ("entered", None)
        assert agent.code not in (await anybody.get("/lists/changes?name=restricted")).text
        assert 'id="lists"' not in (await anybody.get(f"/agencies/{agent.code}")).text
        for number, (region, told) in enumerate((("37", True), ("11", False))):
            official = await open_regulator(world, number, region)
            assert official.person_id is not None
            assert official.organisation_id is not None
            await anybody.sign_in_as(official.person_id, official.organisation_id)
            assert ('id="lists"' in (await anybody.get(f"/agencies/{agent.code}")).text) is told
    assert (await lists.entry(entry_id)).state(world.now) == "over"


async def test_a_restriction_ends_with_its_term(world: World, agent: Agent) -> None:
    entry_id = await restrict(world, agent)
    ends = term_end(world.now, 12)
    world.clock.set(ends)
    await world.settle()
    entry = await lists.entry(entry_id)
    assert entry.state(world.now) == "over"
    assert await lists.standing_entries("restricted", world.now) == []
    assert (await credit.standing_of(agent.id)).restricted_until is None
    assert [one.kind for one in await history_of(agent.code)][-1] in {"list.removed", "standing.changed"}


async def test_nobody_lifts_a_restriction_past_its_case(world: World, agent: Agent) -> None:
    entry_id = await restrict(world, agent)
    with pytest.raises(NotFound):
        await queries.access_entry(await operator_of(world), entry_id)


async def test_a_restriction_and_a_deduction_at_once_both_hold(world: World, agent: Agent) -> None:
    number = await cases.open_case(world, agent.id, await open_regulator(world, 7, "37"))
    operator, proof = await operator_of(world), await act(world)
    await cases.notify(world, number, operator)
    await cases.past_defence(world, number)
    await asyncio.gather(cases.decide(world, number, operator), deduct(world, agent, 31, proof=proof))
    standing = await credit.standing_of(agent.id)
    assert standing.restricted_at(world.now)
    assert standing.suspended_at(world.now)
    assert standing.score == 0


async def test_the_red_list_starts_with_a_notice_and_ends_with_its_term(world: World, agent: Agent) -> None:
    await finish_jobs(world, agent, 5)
    entry = await lists.entry(await put_on_red(world, agent))
    assert entry.state(world.now) == "notice"
    assert entry.from_at == world.calendar.add_working_days(world.now, 5)
    assert entry.state(entry.from_at) == "current"
    assert entry.until_at == term_end(entry.from_at, 12)
    assert [one.kind for one in await history_of(agent.code)][-2:] == ["list.proposed", "list.entered"]


async def test_without_the_jobs_or_with_a_deduction_there_is_no_red_list(world: World, agent: Agent) -> None:
    await finish_jobs(world, agent, 4)
    with pytest.raises(Refusal, match=r"red\.conditions"):
        await put_on_red(world, agent)


async def test_candidates_are_proposed_to_those_who_watch_over_them(world: World, agent: Agent) -> None:
    await finish_jobs(world, agent, 5)
    facts = await organisation(agent.id)
    near = await open_regulator(world, 1, facts.region_code[:4])
    far = await open_regulator(world, 2, "11")
    link = f"/regulator/lists/red/{agent.code}"
    for viewer, links in ((near, [link]), (await operator_of(world), [link]), (far, []), (agent.viewer, [])):
        assert [one.link for one in await to_decide(viewer, world.now)] == links
    await deduct(world, agent, 2)
    assert await to_decide(near, world.now) == []


async def test_a_restriction_takes_the_place_on_the_red_list(world: World, agent: Agent) -> None:
    await finish_jobs(world, agent, 5)
    red = await put_on_red(world, agent)
    await restrict(world, agent)
    assert (await lists.entry(red)).state(world.now) == "removed"


async def test_regulators_decide_within_their_scope(world: World, agent: Agent) -> None:
    facts = await organisation(agent.id)
    [offered] = [one.service_items for one in await facts_of([agent.id])]
    department = next(iter(world.catalogue.item(sorted(offered)[0]).regulators))
    await deduct(world, agent, 31)
    await restrict(world, agent)
    for number, (region, dept, allowed) in enumerate(
        [(facts.region_code, "", True), (facts.region_code[:2], department, True), ("11", "", False),
         (facts.region_code, "no-such-department", False)]
    ):  # fmt: skip
        viewer = await open_regulator(world, number, region, dept)
        assert [row["code"] for row in await queries.paused(viewer, world.now)] == [agent.code] * allowed
        assert [one.code for one in await queries.standing(viewer, world.now)] == [agent.code] * allowed
        if allowed:
            assert (await queries.access_agency(viewer, agent.code)).id == agent.id
        else:
            with pytest.raises(NotFound):
                await queries.access_agency(viewer, agent.code)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1"])
def test_cells_that_spreadsheets_would_run_are_quoted(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["青岛某公司", "1=1", "", " x"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


async def test_expired_entries_are_ended_once_by_parallel_workers(world: World, agent: Agent) -> None:
    await restrict(world, agent)
    later = add_months(world.now, 12) + timedelta(hours=1)
    await asyncio.gather(*(actions.end_next(later) for _ in range(4)))
    removed = [one for one in await history_of(agent.code) if one.kind == "list.removed"]
    assert len(removed) == 1
