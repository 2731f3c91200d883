from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from agencies.rules import AuthorisedDetails
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.bids import submit_bids
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from ratings.flags.queries.desk import Filters, FlagView, flags
from tests.beginnings import Beginning, begins_with
from tests.contracts.conftest import sign_in
from tests.ratings.people import open_regulator

STEPS = (120_000_00, 121_000_00, 122_000_00, 123_000_00)


@dataclass
class Ring:
    """A contest in which four agencies bid in equal steps; two of them have one telephone."""

    world: World
    owner: Viewer
    agents: list[Agent]
    project: ProjectView
    regulator: Viewer

    async def open_bids(self) -> None:
        await self.world.run_past(self.project.sign_up_closes_at)
        self.project = await project_by_number(self.project.number)

    async def flags(self, **filters: str) -> list[FlagView]:
        return await flags(self.regulator, Filters(**filters))

    async def flag(self, screen: str) -> FlagView:
        (found,) = await self.flags(screen=screen)
        return found

    @property
    def winner(self) -> Agent:
        return next(agent for agent in self.agents if agent.id == self.project.winner_id)


async def flag_count() -> int:
    count: int = await fetch_value("SELECT count(*) FROM flag")
    return count


async def bids_are_in(world: World) -> Ring:
    agents = await admit_agencies(world, [
        some_agency(number, phone="0532-80000001" if number < 3 else f"0532-8100000{number}",
                    legal_representative=f"法人{number}", address=f"海尔路{number}号", authorised=(AuthorisedDetails("孙晓梅", f"1380000000{number}"),))
        for number in range(1, 5)
    ])  # fmt: skip
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, owner, method="lowest_price", price="", ceiling="152000", floor="80000")
    await submit_bids(world, dict(zip(agents, STEPS, strict=True)), project)
    await world.settle()
    return Ring(world, owner, agents, project, await open_regulator(world, 1, "3702"))


async def result_is_published(world: World) -> Ring:
    ring = await bids_are_in(world)
    await ring.open_bids()
    return ring


beginning = begins_with({"sealed": bids_are_in, "ring": result_is_published})


@pytest.fixture
def sealed(beginning: Beginning, world: World) -> Ring:
    """Bids are in and nobody can read them."""
    built: Ring = beginning.memory
    return replace(built, world=world, agents=[*built.agents])


@pytest.fixture
def ring(beginning: Beginning, world: World) -> Ring:
    """The result is published."""
    built: Ring = beginning.memory
    return replace(built, world=world, agents=[*built.agents])


__all__ = ["sign_in"]
