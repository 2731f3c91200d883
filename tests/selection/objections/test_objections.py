"""Objections to a result, and further draws: only for a recorded cause, never a second chance for the first result."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from market.beacon.rules import round_time
from market.demo.agencies import Agent, admit_agency, some_agency
from market.demo.selection import GROUNDS, close_sign_up, draw_project, object_to, reject, sign_up, uphold
from market.demo.world import World
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.draw_checks import verify
from projects.selection.objections.actions import raise_objection, withdraw_objection
from projects.selection.objections.queries import objection_by_id, objections_of
from projects.selection.rounds import actions as round_actions
from projects.selection.rounds.queries import dossier_of, round_by_no, rounds_of
from projects.selection.rounds.rules import Cause
from projects.selection.sign_ups.queries import sign_up_count


def agent_of(agents: list[Agent], project: ProjectView, *, won: bool) -> Agent:
    return next(one for one in agents if (one.id == project.winner_id) is won)


@pytest.fixture
async def drawn(world: World, project: ProjectView, agents: list[Agent]) -> ProjectView:
    return await draw_project(world, agents, project)


async def test_a_loser_objects_and_nothing_is_signed_while_it_is_open(
    world: World, drawn: ProjectView, agents: list[Agent]
) -> None:
    objection = await object_to(world, agent_of(agents, drawn, won=False).viewer, drawn)
    assert [one.open for one in await objections_of(drawn.id)] == [True]
    assert drawn.result_notice_ends_at is not None
    await world.run_until(drawn.result_notice_ends_at + timedelta(hours=1))
    assert (await project_by_number(drawn.number)).stage is Stage.RESULT_NOTICE
    await reject(world, objection)
    assert [one.open for one in await objections_of(drawn.id)] == [False]
    await world.settle()
    assert (await project_by_number(drawn.number)).stage is Stage.CONTRACTING


async def test_the_answer_is_due_by_the_rulebook(world: World, drawn: ProjectView, owner: Viewer) -> None:
    objection = await objection_by_id(await object_to(world, owner, drawn))
    # 3 calendar days after a Monday, Beijing midnight
    assert objection.answer_due_at - world.now > timedelta(days=3)
    assert objection.answer_due_at - world.now < timedelta(days=4)
    assert objection.by_owner


async def test_sent_twice_it_is_one_objection(world: World, drawn: ProjectView, agents: list[Agent]) -> None:
    viewer = agent_of(agents, drawn, won=False).viewer
    found = await asyncio.gather(*[object_to(world, viewer, drawn) for _ in range(4)])
    assert len(set(found)) == 1
    assert [one.kind for one in await history_of(drawn.number)].count("objection.raised") == 1


async def test_strangers_cannot_object(world: World, drawn: ProjectView) -> None:
    stranger = await admit_agency(world, some_agency(41))
    with pytest.raises(NotFound):
        await object_to(world, stranger.viewer, drawn)


async def test_nobody_objects_after_the_notice(world: World, drawn: ProjectView, agents: list[Agent]) -> None:
    assert drawn.result_notice_ends_at is not None
    viewer = agents[0].viewer
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    with pytest.raises(Refusal) as refused:
        await raise_objection(
            drawn.id, viewer.organisation_id, grounds=GROUNDS, by=viewer.person_id, now=drawn.result_notice_ends_at
        )
    assert refused.value.code == "objection.too_late"


async def test_grounds_stay_out_of_the_public_register(world: World, drawn: ProjectView, owner: Viewer) -> None:
    await object_to(world, owner, drawn)
    raised = next(one for one in await history_of(drawn.number) if one.kind == "objection.raised")
    assert GROUNDS not in str(raised.data)
    assert raised.private_digest
    assert raised.data["by_kind"] == "owner"


async def test_taken_back(world: World, drawn: ProjectView, agents: list[Agent]) -> None:
    loser = agent_of(agents, drawn, won=False)
    objection = await object_to(world, loser.viewer, drawn)
    with pytest.raises(NotFound):
        await withdraw_objection(objection, agent_of(agents, drawn, won=True).id, now=world.now)
    await withdraw_objection(objection, loser.id, now=world.now)
    assert [one.open for one in await objections_of(drawn.id)] == [False]
    with pytest.raises(Refusal):
        await reject(world, objection)


async def test_upheld_annuls_and_draws_again_without_the_named_agency(
    world: World, drawn: ProjectView, agents: list[Agent]
) -> None:
    winner = agent_of(agents, drawn, won=True)
    objection = await object_to(world, agent_of(agents, drawn, won=False).viewer, drawn)
    decided_at = world.now
    await uphold(world, objection, exclude=winner.id)
    again = await project_by_number(drawn.number)
    assert (again.stage, again.winner_id, again.drawn_at) == (Stage.DRAWING, None, None)
    second = await round_by_no(drawn.id, 2)
    assert (second.purpose, second.cause) == ("award-2", "objection_upheld")
    assert second.beacon_round is not None
    assert round_time(world.beacon.chain, second.beacon_round) > decided_at
    assert [one.code for one in second.excluded or ()] == [winner.code]
    await world.run_past(world.now)
    final = await project_by_number(drawn.number)
    assert final.stage is Stage.RESULT_NOTICE
    assert final.winner_id in {one.id for one in agents} - {winner.id}
    for no in (1, 2):
        assert verify(await dossier_of(drawn.id, no)).ok
    assert (await round_by_no(drawn.id, 1)).state == "annulled"
    kinds = [one.kind for one in await history_of(drawn.number)]
    assert kinds[kinds.index("objection.answered") :] == [
        "objection.answered", "draw.committed", "pool.frozen", "draw.made",
    ]  # fmt: skip


async def test_other_open_objections_end_with_the_draw(
    world: World, drawn: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    winner = agent_of(agents, drawn, won=True)
    first = await object_to(world, agent_of(agents, drawn, won=False).viewer, drawn)
    second = await object_to(world, owner, drawn)
    await uphold(world, first, exclude=winner.id)
    joined = await objection_by_id(second)
    assert (joined.decision, joined.remedy) == ("upheld", "redraw")
    assert [one.open for one in await objections_of(drawn.id)] == [False, False]


async def test_upheld_may_open_sign_up_again(
    world: World, drawn: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    await uphold(world, await object_to(world, owner, drawn))
    opened = await project_by_number(drawn.number)
    assert (opened.stage, opened.winner_id, opened.frozen_at) == (Stage.SIGN_UP, None, None)
    assert opened.sign_up_open(world.now)
    assert opened.sign_up_closes_at == world.calendar.add_working_days(world.now, 3)
    assert await sign_up_count(drawn.id) == len(agents)
    again = await close_sign_up(world, opened)
    assert again.stage is Stage.RESULT_NOTICE
    second = await round_by_no(drawn.id, 2)
    assert {one.code for one in second.pool or ()} == {one.code for one in agents}
    assert verify(await dossier_of(drawn.id, 2)).ok


async def test_two_answers_at_once_one_decides(
    world: World, drawn: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    objection = await object_to(world, owner, drawn)
    winner = agent_of(agents, drawn, won=True)
    answers = await asyncio.gather(
        reject(world, objection), uphold(world, objection, exclude=winner.id), return_exceptions=True
    )
    assert [type(one) for one in answers if one is not None] == [Refusal]
    assert [one.kind for one in await history_of(drawn.number)].count("objection.answered") == 1


async def test_a_winner_who_refuses_is_left_out_of_the_further_draw(
    world: World, drawn: ProjectView, agents: list[Agent]
) -> None:
    assert drawn.winner_id is not None
    async with transaction():
        stage = await round_actions.redraw(
            drawn.id, cause=Cause.WINNER_REFUSED, exclude={drawn.winner_id}, now=world.now
        )
    assert stage is Stage.DRAWING
    await world.run_past(world.now)
    again = await project_by_number(drawn.number)
    assert again.stage is Stage.RESULT_NOTICE
    assert again.winner_id != drawn.winner_id


async def test_nobody_is_left_in_the_end(world: World, drawn: ProjectView, agents: list[Agent]) -> None:
    current = drawn
    for no in range(1, len(agents) + 1):
        assert current.winner_id is not None
        async with transaction():
            stage = await round_actions.redraw(
                drawn.id, cause="signing_lapsed", exclude={current.winner_id}, now=world.now
            )
        assert stage is (Stage.DRAWING if no < len(agents) else Stage.FAILED)
        await world.run_past(world.now)
        current = await project_by_number(drawn.number)
    assert (current.stage, current.winner_id) == (Stage.FAILED, None)
    rounds = await rounds_of(drawn.id)
    assert [len(one.pool or ()) for one in rounds] == [4, 3, 2, 1, 0]
    winners = [one.winner_id for one in rounds if one.winner_id]
    assert len(set(winners)) == len(winners) == 4


async def test_every_winner_was_in_its_pool_and_had_signed_up(world: World, drawn: ProjectView) -> None:
    rows = await fetch(
        "SELECT r.pool @> jsonb_build_array(jsonb_build_object('code', o.code)) AS pooled,"
        " EXISTS (SELECT 1 FROM sign_up s WHERE s.project_id = r.project_id AND s.agency_id = r.winner_id) AS signed_up"
        " FROM selection_round r JOIN organisation o ON o.id = r.winner_id"
    )
    assert [(row["pooled"], row["signed_up"]) for row in rows] == [(True, True)]


async def test_a_redraw_outside_a_transaction_is_refused(world: World, drawn: ProjectView) -> None:
    with pytest.raises(RuntimeError):
        await round_actions.redraw(drawn.id, cause=Cause.WINNER_REFUSED, exclude=set(), now=world.now)
    assert await fetch_value("SELECT count(*) FROM selection_round") == 1


async def test_a_reopened_window_takes_new_agencies(
    world: World, drawn: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    objection = await object_to(world, owner, drawn)
    late = await admit_agency(world, some_agency(51))
    await uphold(world, objection)
    await sign_up(world, late, drawn)
    assert await sign_up_count(drawn.id) == len(agents) + 1
