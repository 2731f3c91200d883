"""Bids against bids, the freeze, withdrawals and amendments, over several connections and as if from several processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from market.demo.agencies import Agent
from market.demo.bids import sealed_bid, submit_bid
from market.demo.projects import publish_project
from market.demo.selection import offer_of
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import fetch, fetch_one, fetch_value, from_json, transaction
from market.kernel.errors import Refusal
from market.kernel.together import Again, Together
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.queries import ProjectView
from projects.selection.bids import queries as bid_queries
from projects.selection.bids.actions import _judged, void_bids
from projects.selection.rounds.actions import commit_round, freeze
from projects.selection.sign_ups import actions
from projects.selection.sign_ups.actions.taking_part import _take_in
from projects.selection.sign_ups.actions.wishes import Taken, Wish

ROUNDS = 6


def process() -> Together[Wish, Taken]:
    """What another process has of its own: a queue and a writer."""
    return Together(_take_in, key=lambda wish: (wish.project_id, wish.agency_id))


async def wish_of(world: World, agent: Agent, project: ProjectView, quoted: int, **changed: object) -> Wish:
    sealed = await sealed_bid(world, agent, project, quoted)
    by = agent.viewer.person_id
    assert by is not None
    offer = await offer_of(world, agent, project)
    made = Wish(project.id, agent.id, offer, by, world.now, _judged(sealed, world.now))
    return Wish(**{**vars(made), **changed})


async def answers(*asked: Awaitable[Any]) -> list[Any]:
    """What each was answered, refusals and failures included."""
    return list(await asyncio.gather(*asked, return_exceptions=True))


async def pool_of(project: ProjectView) -> set[str]:
    text = await fetch_value(
        "SELECT pool FROM selection_round WHERE project_id = $1 AND frozen_at IS NOT NULL", project.id
    )
    return {one["code"] for one in from_json(text) or ()}


async def open_project(world: World, owner: Viewer) -> ProjectView:
    return await publish_project(
        world, owner, method="lowest_price", ceiling="152000", floor="80000", funding="none", fiscal_percent=""
    )


async def test_of_two_bids_of_one_agency_at_once_one_stands(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    for agent in agents:
        wishes = [await wish_of(world, agent, priced, 100_000_00 + number) for number in range(4)]
        given = await answers(*(process()(wish) for wish in wishes))
        taken = [one for one in given if isinstance(one, Taken)]
        refused = [one for one in given if isinstance(one, Refusal)]
        assert len(taken) == 1
        assert {one.code for one in refused} == {"bid.stands"}
        assert len(refused) == 3
        standing = await fetch("SELECT id FROM sealed_bid WHERE agency_id = $1 AND ended IS NULL", agent.id)
        assert [row["id"] for row in standing] == [taken[0].bid_id]


async def test_one_request_that_reaches_two_processes_is_one_bid(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    for agent in agents:
        wish = await wish_of(world, agent, priced, 100_000_00)
        given = await answers(*(process()(wish) for _ in range(4)))
        assert len({one.bid_id for one in given if isinstance(one, Taken)}) == 1
        assert all(isinstance(one, Taken) for one in given)


async def test_crowds_of_the_same_agencies_do_not_lock_each_other_out(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    first, second = process(), process()
    one = [await wish_of(world, agent, priced, 100_000_00) for agent in agents]
    two = [await wish_of(world, agent, priced, 100_000_00) for agent in reversed(agents)]
    given = await answers(*(first(wish) for wish in one), *(second(wish) for wish in two))
    assert sum(isinstance(answer, Taken) for answer in given) == len(agents)
    assert {answer.code for answer in given if isinstance(answer, Refusal)} == {"bid.stands"}
    assert await fetch_value("SELECT count(*) FROM sealed_bid WHERE ended IS NULL") == len(agents)


async def test_no_bid_is_both_accepted_and_missing_from_the_pool(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    for _ in range(ROUNDS):
        project = await open_project(world, owner)
        await submit_bid(world, agents[0], project, 100_000_00)
        arrived = project.sign_up_closes_at - timedelta(microseconds=1)
        wishes = [await wish_of(world, agent, project, 90_000_00, now=arrived) for agent in agents[1:]]
        given = await answers(
            *(process()(wish) for wish in wishes), freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE)
        )
        while not await fetch_value(
            "SELECT frozen_at IS NOT NULL FROM selection_round WHERE project_id = $1", project.id
        ):
            await freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE)
        accepted = {agents[0].code} | {
            agent.code for agent, answer in zip(agents[1:], given, strict=False) if isinstance(answer, Taken)
        }
        assert await pool_of(project) == accepted
        assert all(isinstance(answer, Taken | Refusal | bool) for answer in given)


async def test_a_withdrawal_counts_or_is_refused_when_the_pool_freezes(
    world: World, owner: Viewer, agents: list[Agent]
) -> None:
    for _ in range(ROUNDS):
        project = await open_project(world, owner)
        for agent in agents:
            await submit_bid(world, agent, project, 100_000_00)
        arrived = project.sign_up_closes_at - timedelta(microseconds=1)
        leaving = [actions.withdraw(project.id, agent.id, now=arrived) for agent in agents[1:]]
        given = await answers(*leaving, freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE))
        while not await fetch_value(
            "SELECT frozen_at IS NOT NULL FROM selection_round WHERE project_id = $1", project.id
        ):
            await freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE)
        gone = {agent.code for agent, answer in zip(agents[1:], given, strict=False) if not isinstance(answer, Refusal)}
        assert await pool_of(project) == {agent.code for agent in agents} - gone


async def test_replacing_and_withdrawing_at_once_leave_one_of_both(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    for agent in agents * 2:
        stands = await submit_bid(world, agent, priced, 100_000_00)
        wish = await wish_of(world, agent, priced, 90_000_00, replaces=stands.id)
        replaced, _ = await answers(process()(wish), actions.withdraw(priced.id, agent.id, now=world.now))
        assert isinstance(replaced, Taken | Refusal), replaced
        standing = await fetch_one(
            "SELECT b.id, s.withdrawn_at FROM sealed_bid b JOIN sign_up s ON s.id = b.sign_up_id"
            " WHERE b.agency_id = $1 AND b.ended IS NULL", agent.id)  # fmt: skip
        assert standing is None  # withdrawn before, or the newer bid with it
        assert (await bid_queries.bid_by_id(stands.id)).ciphertext is None


async def test_no_bid_for_the_former_round_survives_an_amendment(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    for turn in range(ROUNDS):
        wishes = [await wish_of(world, agent, priced, 100_000_00) for agent in agents]
        await answers(*(process()(wish) for wish in wishes), amended(world, priced, no=turn + 2))
        former = await fetch(
            "SELECT b.id FROM sealed_bid b JOIN selection_round r ON r.project_id = b.project_id AND r.superseded_at IS NULL"
            " WHERE b.ended IS NULL AND b.beacon_round <> r.beacon_round"
        )
        assert former == []
        for agent in agents:
            if await bid_queries.standing_bid(priced.id, agent.id):
                await actions.withdraw(priced.id, agent.id, now=world.now)


async def amended(world: World, project: ProjectView, *, no: int) -> None:
    """What an amendment of the closing time does to the selection."""
    async with transaction():
        await lock_project(project.id)
        await commit_round(
            project.id, no=no, cause="window_restarted", method=project.method, beacon=world.beacon,
            deadline=project.sign_up_closes_at + timedelta(minutes=no), rulebook=world.rulebook, now=world.now,
        )  # fmt: skip
        await void_bids(project.id, now=world.now)


async def test_one_that_cannot_be_written_spoils_no_other(database: str) -> None:
    """The group commit by itself: refusals, failures and somebody faster, each answered alone."""
    seen: list[int] = []

    async def act(wishes: object) -> list[int | Exception]:
        assert isinstance(wishes, list)
        given: list[int | Exception] = []
        for wish in wishes:
            seen.append(len(wishes))
            if wish == 13:
                raise ValueError("cannot be written")
            if wish == 7 and len(wishes) > 1:
                given.append(Again())
            else:
                given.append(Refusal("no", "No.") if wish == 5 else wish * 10)
        return given

    together: Together[int, int] = Together(act, key=lambda wish: wish)
    given = await answers(*(together(wish) for wish in range(20)))
    assert [one for one in given if isinstance(one, int)] == [wish * 10 for wish in range(20) if wish not in (5, 13)]
    assert isinstance(given[5], Refusal)
    assert isinstance(given[13], ValueError)
    assert max(seen) > 1
    calm = await answers(*(together(wish) for wish in range(7, 12)))
    assert calm == [70, 80, 90, 100, 110]


async def test_whoever_goes_away_has_still_handed_in(world: World, priced: ProjectView, agents: list[Agent]) -> None:
    queue = process()
    leaving, staying = [await wish_of(world, agent, priced, 100_000_00) for agent in agents[:2]]
    task = asyncio.ensure_future(queue(leaving))
    other = asyncio.ensure_future(queue(staying))
    await asyncio.wait([task, other], return_when=asyncio.FIRST_COMPLETED, timeout=0)
    task.cancel()
    await other
    await queue(await wish_of(world, agents[2], priced, 90_000_00))
    assert await bid_queries.standing_bid(priced.id, agents[0].id) is not None
