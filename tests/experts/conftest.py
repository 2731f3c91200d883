"""A merit project open for sign-up, its bidders, and a pool of experts; panels are frozen and drawn as the selection
does it."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agencies.queries import facts_of
from agencies.rules import AgencyFacts
from market.demo.agencies import Agent, admit_agencies, some_agency
from market.demo.experts import ExpertPerson, admit_experts, some_expert
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value, transaction
from market.web.viewer import Viewer
from projects.experts import actions
from projects.experts.actions import FrozenCandidates
from projects.queries import ProjectView
from tests.beginnings import Beginning, begins_with
from tests.visitor import Visitor

MERIT: dict[str, Any] = {
    "method": "merit", "ceiling": "160000", "floor": "80000", "price": "", "price_weight": "30", "credit_weight": "10",
    "criterion_name": ["技术方案", "项目团队"], "criterion_description": ["方案是否切合本项目实际", "人员资格与经验"],
    "criterion_weight": ["40", "20"],
}  # fmt: skip
SignIn = Callable[[Viewer], Awaitable[Visitor]]


def chance(number: int = 0) -> bytes:
    return hmac.digest(b"panel", number.to_bytes(8, "big"), "sha256")


@dataclass
class Court:
    """A project with its bidders and its experts."""

    world: World
    owner: Viewer
    agents: list[Agent]
    experts: list[ExpertPerson]
    project: ProjectView

    async def bidders(self) -> list[AgencyFacts]:
        return await facts_of([agent.id for agent in self.agents])

    async def round_id(self) -> Any:
        return await fetch_value(
            "SELECT id FROM selection_round WHERE project_id = $1 ORDER BY no DESC LIMIT 1", self.project.id
        )

    async def freeze(self, bidders: Sequence[AgencyFacts] | None = None) -> FrozenCandidates:
        given = await self.bidders() if bidders is None else bidders
        async with transaction():
            return await actions.freeze_candidates(
                self.project, await self.round_id(), given, self.world.rulebook, self.world.now
            )

    async def draw(self, number: int = 0) -> None:
        async with transaction():
            await actions.draw_panel(
                self.project, await self.round_id(), await self.bidders(), chance(number), self.world.now
            )

    async def drawn(self, number: int = 0) -> None:
        await self.freeze()
        await self.draw(number)


async def built_court(world: World) -> Court:
    agents = await admit_agencies(world, [some_agency(number) for number in (1, 2, 3)])
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code="11370203004205678J")
    experts = await admit_experts(world, [some_expert(number) for number in range(1, 7)])
    project = await publish_project(world, owner, working_days=7, **MERIT)
    return Court(world, owner, agents, experts, project)


beginning = begins_with({"court": built_court})


@pytest.fixture
def court(beginning: Beginning, world: World) -> Court:
    built: Court = beginning.memory
    return replace(built, world=world, agents=[*built.agents], experts=[*built.experts])


@pytest.fixture
async def sign_in(site) -> AsyncIterator[SignIn]:
    """`await sign_in(viewer)`: a browser in which this person is signed in."""
    async with AsyncExitStack() as stack:

        async def enter(viewer: Viewer) -> Visitor:
            visitor = await stack.enter_async_context(Visitor(site))
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)

        yield enter
