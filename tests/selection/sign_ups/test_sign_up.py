"""Signing up: once, in time, only who may; taking back; giving up a place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from agencies.actions import set_standing
from agencies.rules import Standing
from market.demo.agencies import Agent, admit_agency, some_agency
from market.demo.projects import publish_project
from market.demo.selection import close_sign_up, draw_project, offer_of, sign_up, sign_up_all
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import fetch_value, transaction
from market.kernel.errors import Message, NotFound, Refusal
from market.register.queries import entry, history_of
from market.web.display import say
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.rounds.queries import round_by_no, rounds_of
from projects.selection.sign_ups import actions
from projects.selection.sign_ups.actions import SignUpOffer
from projects.selection.sign_ups.queries import sign_up_count, sign_ups_of


async def sign_up_at(world: World, agent: Agent, project: ProjectView, now: datetime) -> UUID:
    assert agent.viewer.person_id is not None
    offer = await offer_of(world, agent, project)
    return (await actions.sign_up(project.id, agent.id, offer, by=agent.viewer.person_id, now=now)).id


async def test_five_clicks_are_one_sign_up_and_five_equal_answers(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    answers = await asyncio.gather(*[sign_up(world, agents[0], project) for _ in range(5)])
    assert len({answer.id for answer in answers}) == 1
    assert await fetch_value("SELECT count(*) FROM sign_up") == 1
    made = [one for one in await history_of(project.number) if one.kind == "sign_up.made"]
    assert [one.id for one in made] == [answers[0].entry_id]


async def test_many_agencies_sign_up_at_once(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await asyncio.gather(*[sign_up(world, agent, project) for agent in agents])
    assert await sign_up_count(project.id) == len(agents)


async def test_the_window_is_half_open(world: World, project: ProjectView, agents: list[Agent]) -> None:
    closes_at = project.sign_up_closes_at
    await sign_up_at(world, agents[0], project, closes_at - timedelta(microseconds=1))
    with pytest.raises(Refusal) as refused:
        await sign_up_at(world, agents[1], project, closes_at)
    assert refused.value.code == "sign_up.closed"


async def test_a_late_sign_up_is_told_the_servers_time_and_by_how_much(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    arrived = project.sign_up_closes_at + timedelta(milliseconds=214)
    with pytest.raises(Refusal) as refused:
        await sign_up_at(world, agents[0], project, arrived)
    facts = refused.value.facts
    assert facts["arrived_at"] == arrived
    assert facts["closed_at"] == project.sign_up_closes_at
    assert isinstance(facts["late"], Message)
    assert "0.214" in say(refused.value.message)
    with pytest.raises(Refusal) as later:
        await sign_up_at(world, agents[0], project, project.sign_up_closes_at + timedelta(hours=2))
    assert later.value.facts["late"] == timedelta(hours=2)
    assert await fetch_value("SELECT count(*) FROM sign_up") == 0


async def test_before_the_window_opens(world: World, project: ProjectView, agents: list[Agent]) -> None:
    with pytest.raises(Refusal) as refused:
        await sign_up_at(world, agents[0], project, project.sign_up_opens_at - timedelta(seconds=1))
    assert refused.value.code == "sign_up.too_early"


async def test_whoever_is_suspended_is_refused_with_the_reason(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    async with transaction():
        await set_standing(
            agents[0].id, Standing(world.now + timedelta(days=9), "累计弃权", None, "", 65), now=world.now
        )
    with pytest.raises(Refusal) as refused:
        await sign_up(world, agents[0], project)
    assert refused.value.code == "sign_up.not_eligible"
    assert "累计弃权" in say(refused.value.message)


async def test_the_avoided_cannot_sign_up(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(
        world, owner, avoided_code=[agents[0].code], avoided_reason=["承担过本项目前期咨询，存在利害关系"]
    )
    with pytest.raises(Refusal) as refused:
        await sign_up(world, agents[0], project)
    assert "前期咨询" in say(refused.value.message)


async def test_an_authorised_person_of_somebody_else_is_refused(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    foreign = await offer_of(world, agents[1], project)
    assert agents[0].viewer.person_id is not None
    with pytest.raises(Refusal) as refused:
        await actions.sign_up(project.id, agents[0].id, foreign, by=agents[0].viewer.person_id, now=world.now)
    assert refused.value.code == "sign_up.authorised_person"


async def test_practitioners_are_the_agencys_own_and_enough(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, practitioners_needed="2", practitioner_profession="注册测绘师")
    by = agents[0].viewer.person_id
    assert by is not None
    full = await offer_of(world, agents[0], project)
    assert len(full.practitioner_ids) == 2
    foreign = await offer_of(world, agents[1], project)
    for wrong in (full.practitioner_ids[:1], foreign.practitioner_ids, (full.practitioner_ids[0],) * 2):
        offer = SignUpOffer(full.authorised_person_id, wrong)
        with pytest.raises(Refusal) as refused:
            await actions.sign_up(project.id, agents[0].id, offer, by=by, now=world.now)
        assert refused.value.code == "sign_up.practitioners"
    made = await actions.sign_up(project.id, agents[0].id, full, by=by, now=world.now)
    assert set(made.practitioner_ids) == set(full.practitioner_ids)


async def test_withdrawn_and_signed_up_again(world: World, project: ProjectView, agents: list[Agent]) -> None:
    first = await sign_up(world, agents[0], project)
    world.clock.advance(hours=1)
    gone = await actions.withdraw(project.id, agents[0].id, now=world.now)
    assert gone.withdrawn_at == world.now
    assert not gone.withdrawn_after_close
    assert await sign_up_count(project.id) == 0
    again = await sign_up(world, agents[0], project)
    assert again.id != first.id
    kinds = [one.kind for one in await history_of(project.number) if one.kind.startswith("sign_up")]
    assert kinds == ["sign_up.made", "sign_up.withdrawn", "sign_up.made"]


async def test_withdrawing_twice_at_once_is_one_withdrawal(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up(world, agents[0], project)
    gone = await asyncio.gather(*[actions.withdraw(project.id, agents[0].id, now=world.now) for _ in range(4)])
    assert len({one.withdrawal_entry_id for one in gone}) == 1
    assert [one.kind for one in await history_of(project.number)].count("sign_up.withdrawn") == 1


async def test_nobody_withdraws_after_the_close(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    with pytest.raises(Refusal) as refused:
        await actions.withdraw(project.id, agents[0].id, now=project.sign_up_closes_at)
    assert refused.value.code == "sign_up.withdrawal_closed"
    with pytest.raises(NotFound):
        await actions.withdraw(project.id, project.owner_id, now=world.now)


async def test_giving_up_before_the_round_is_out_leaves_the_pool_and_is_published(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    gone = await actions.abandon(project.id, agents[2].id, now=world.now)
    assert gone.withdrawn_after_close
    assert gone.withdrawal_entry_id is not None
    published = await entry(gone.withdrawal_entry_id)
    assert (published.kind, published.by, published.data) == (
        "sign_up.abandoned",
        agents[2].code,
        {"agency": agents[2].code},
    )
    drawn = await close_sign_up(world, project)
    assert drawn.winner_id != agents[2].id
    first = await round_by_no(project.id, 1)
    assert agents[2].code in {one.code for one in first.pool or ()}


async def test_all_but_one_gave_up_so_that_one_wins(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    for agent in agents[1:]:
        await actions.abandon(project.id, agent.id, now=world.now)
    drawn = await close_sign_up(world, project)
    for _ in range(2):
        if drawn.stage is Stage.DRAWING:
            await world.run_past(world.now)
            drawn = await project_by_number(project.number)
    assert drawn.stage is Stage.RESULT_NOTICE
    assert drawn.winner_id == agents[0].id
    for round_ in (await rounds_of(project.id))[1:]:
        assert [one.code for one in round_.pool or ()] == [agents[0].code]


async def test_a_place_cannot_be_given_up_once_the_round_is_out(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    with pytest.raises(Refusal) as refused:
        await actions.abandon(project.id, agents[0].id, now=world.now + timedelta(minutes=1))
    assert refused.value.code == "sign_up.drawing"


async def test_the_winner_cannot_slip_away_cheaply(world: World, project: ProjectView, agents: list[Agent]) -> None:
    drawn = await draw_project(world, agents, project)
    winner = next(one for one in agents if one.id == drawn.winner_id)
    with pytest.raises(Refusal) as refused:
        await actions.abandon(project.id, winner.id, now=world.now)
    assert refused.value.code == "sign_up.winner"
    loser = next(one for one in agents if one.id != drawn.winner_id)
    assert (await actions.abandon(project.id, loser.id, now=world.now)).withdrawn_after_close


async def test_whoever_was_left_out_has_no_place_to_give_up(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    async with transaction():
        await set_standing(agents[0].id, Standing(world.now + timedelta(days=30), "x", None, "", 60), now=world.now)
    await close_sign_up(world, project)
    with pytest.raises(Refusal) as refused:
        await actions.abandon(project.id, agents[0].id, now=world.now)
    assert refused.value.code == "sign_up.no_place"


async def test_signing_up_for_a_project_that_is_not_there(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    nowhere = replace(project, id=agents[0].id)
    offer = await offer_of(world, agents[0], project)
    assert agents[0].viewer.person_id is not None
    with pytest.raises(NotFound):
        await actions.sign_up(nowhere.id, agents[0].id, offer, by=agents[0].viewer.person_id, now=world.now)


async def test_an_agencys_own_list_tells_what_became_of_each(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up(world, agents[0], project)
    assert [one.outcome for one in (await sign_ups_of(agents[0].id))[0]] == ["open"]
    drawn = await draw_project(world, agents[1:], project)
    outcomes = {agent.id: (await sign_ups_of(agent.id))[0][0].outcome for agent in agents}
    assert outcomes == {agent.id: "won" if agent.id == drawn.winner_id else "not_drawn" for agent in agents}


async def test_a_later_agency_is_not_seen_in_the_first_ones_list(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    late = await admit_agency(world, some_agency(31))
    assert await sign_ups_of(late.id) == ([], 0)
