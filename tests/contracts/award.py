"""A project whose draw is made, with everybody who takes part in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from agencies.queries import authorised_persons
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.contracts import accept_delivery, current_contract, deliver_results, sign_both
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView
from projects.queries import ProjectView, project_by_number
from projects.selection.sign_ups.actions import SignUpOffer, sign_up
from tests.beginnings import Beginning
from tests.visitor import Visitor

SignIn = Callable[[Viewer], Awaitable[Visitor]]


@dataclass
class Award:
    """`agents`: all who signed up; `winner` changes when the draw is repeated (`refresh`)."""

    world: World
    owner: Viewer
    agents: list[Agent]
    number: str
    winner: Viewer

    async def project(self) -> ProjectView:
        return await project_by_number(self.number)

    async def contract(self) -> ContractView:
        return await current_contract(self.number)

    @property
    def losers(self) -> list[Viewer]:
        return [agent.viewer for agent in self.agents if agent.viewer != self.winner]

    async def refresh(self) -> None:
        project = await self.project()
        self.winner = next(agent.viewer for agent in self.agents if agent.id == project.winner_id)

    async def run_past_notice(self) -> ContractView:
        """To the first moment after the result notice: the contract is open."""
        project = await self.project()
        assert project.result_notice_ends_at is not None
        await self.world.run_until(project.result_notice_ends_at)
        return await self.contract()


async def make_award(world: World, agencies: int = 3, **notice: Any) -> Award:
    """Published, signed up by all, drawn: the result notice has just begun."""
    news = [some_agency(number, legal_representative=f"法定代表人{number}") for number in range(1, agencies + 1)]
    agents = await admit_agencies(world, news)
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, owner, **notice)
    for agent in agents:
        offer = SignUpOffer((await authorised_persons(agent.id))[0].id)
        assert agent.viewer.person_id is not None
        await sign_up(project.id, agent.id, offer, by=agent.viewer.person_id, now=world.now)
    await world.run_past(project.sign_up_closes_at)
    award = Award(world, owner, agents, project.number, agents[0].viewer)
    await award.refresh()
    return award


async def drawn(world: World) -> Award:
    return await make_award(world)


async def drawn_among_four(world: World) -> Award:
    return await make_award(world, agencies=4)


async def in_force(world: World) -> Award:
    """A contract in force since a moment ago: the agency has 15 working days."""
    award = await make_award(world)
    await award.run_past_notice()
    await sign_both(world, award.number, award.owner, award.winner)
    return award


async def accepted(world: World) -> Award:
    """Delivered in time and accepted; the time to rate has just begun."""
    award = await in_force(world)
    await deliver_results(world, award.number, award.winner)
    await accept_delivery(world, award.number, award.owner)
    await world.settle()
    return award


def recall(beginning: Beginning, world: World) -> Award:
    """The award that this test's market began with."""
    award: Award = beginning.memory
    return replace(award, world=world, agents=list(award.agents))


async def acts_of(number: str, kind: str) -> int:
    count: int = await fetch_value("SELECT count(*) FROM register_entry WHERE subject = $1 AND kind = $2", number, kind)
    return count
