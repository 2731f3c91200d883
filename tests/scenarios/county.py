"""What the scenarios share: agencies that can take any survey, notices of a given price, and a year of figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from random import Random
from typing import Any

from agencies.rules import Certificate
from market.demo.agencies import Agent, NewAgency, admit_agencies, credit_code, some_agency
from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.calendar import BEIJING
from market.kernel.money import Money
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number

CERTIFIED = date(2015, 3, 1)


def beijing(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def surveyor(number: int, region: str) -> NewAgency:
    certificate = Certificate(
        "surveying-mapping", "b", ("engineering",), f"乙测资字53{number:06d}", CERTIFIED, date(2029, 12, 31)
    )
    return some_agency(
        number, region_code=region, code=credit_code(200_000 + number, region=region), qualifications=(certificate,),
        legal_representative=f"法定代表人{number}", practitioners=(),
    )  # fmt: skip


@dataclass
class Place:
    """A market in one place, with its owners and agencies."""

    world: World
    region: str
    owners: list[Viewer]
    agents: list[Agent]

    async def publish(self, place: int, budget: Money, price: Money, **changed: Any) -> ProjectView:
        """Published by the owner of that place in the row (counted round and round)."""
        values = {
            "title": f"{place + 1} 号地块工程测量", "region_code": self.region, "budget": budget.yuan_text, "price": price.yuan_text,
            "investment_code": "", "investment_name": "",
        }  # fmt: skip
        return await publish_project(self.world, self.owner(place), **{**values, **changed})

    def owner(self, place: int) -> Viewer:
        return self.owners[place % len(self.owners)]

    async def sign_up(self, project: ProjectView, count: int) -> None:
        for agent in self.agents[:count]:
            await sign_up(self.world, agent, project)

    async def winner(self, project: ProjectView) -> Viewer:
        winner_id = (await project_by_number(project.number)).winner_id
        return next(agent.viewer for agent in self.agents if agent.id == winner_id)

    async def select(self, project: ProjectView) -> None:
        """Through sign-up, draw and result notice: the clock moves on."""
        await self.world.run_past((await project_by_number(project.number)).sign_up_closes_at)
        notice_ends_at = (await project_by_number(project.number)).result_notice_ends_at
        assert notice_ends_at is not None
        await self.world.run_until(notice_ends_at)

    async def sign(self, project: ProjectView, place: int) -> None:
        await sign_both(self.world, project.number, self.owner(place), await self.winner(project))

    async def fulfil(self, project: ProjectView, place: int) -> None:
        await deliver_results(self.world, project.number, await self.winner(project))
        await accept_delivery(self.world, project.number, self.owner(place))


async def open_place(world: World, region: str, *, owners: int, agencies: int, kind: str = "public_body") -> Place:
    agents = await admit_agencies(world, [surveyor(number, region) for number in range(1, agencies + 1)])
    code = "12" if kind == "public_body" else "91"
    made = [
        await open_owner(
            world, name=f"第{number}项目业主", code=credit_code(300 + number, region=region, kind=code), kind=kind, region=region,
            legal_representative=f"业主负责人{number}",
        )
        for number in range(owners)
    ]  # fmt: skip
    return Place(world, region, made, agents)


def divided(total: Money, parts: int, random: Random) -> list[Money]:
    """Unequal amounts that add up to the total exactly."""
    weights = [random.randint(60, 140) for _ in range(parts)]
    cuts = [0] + [total.fen * sum(weights[: place + 1]) // sum(weights) for place in range(parts)]
    return [Money(end - start) for start, end in pairwise(cuts)]
