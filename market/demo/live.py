"""Builders of live bidding, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from collections.abc import Iterable

from market.demo.agencies import Agent
from market.demo.world import FREEZE_PAUSE, World
from projects.queries import ProjectView, project_by_number
from projects.selection.live import actions
from projects.selection.live.queries import Bidding, OwnBid, bidding_in


async def bidding_of(project: ProjectView) -> Bidding:
    found = await bidding_in(project)
    assert found is not None
    return found


async def begin_bidding(world: World, project: ProjectView) -> ProjectView:
    """Past the close of sign-up, to the first instant of the first round."""
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    await world.run_until((await bidding_of(project)).schedule.starts_at)
    return await project_by_number(project.number)


async def bid_live(world: World, agent: Agent, project: ProjectView, quoted: int) -> OwnBid:
    """`quoted`: fen, or basis points of discount."""
    assert agent.viewer.person_id is not None
    new = actions.NewBid(agent.id, agent.code, quoted, agent.viewer.person_id)
    return await actions.bid(project.id, new, now=world.now)


async def bid_in_turn(
    world: World, project: ProjectView, bids: Iterable[tuple[Agent, int]], *, seconds: int = 20
) -> None:
    """One bid after the other, so many seconds apart."""
    for agent, quoted in bids:
        await bid_live(world, agent, project, quoted)
        world.clock.advance(seconds=seconds)


async def end_bidding(world: World, project: ProjectView) -> ProjectView:
    """Past the last round and the beacon round behind it: decided, or failed."""
    await world.run_past((await bidding_of(project)).schedule.ends_at)
    return await project_by_number(project.number)
