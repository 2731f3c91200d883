"""The statistics are what anybody can count from the public register: random histories, counted twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import pytest

from market.demo.contracts import (
    accept_delivery,
    current_contract,
    deliver_results,
    refuse_contract,
    return_results,
    sign_both,
)  # fmt: skip
from market.demo.projects import closing_time, notice_values
from market.demo.selection import object_to, reject, sign_up, uphold
from market.demo.world import World
from market.kernel.money import Money
from market.register.queries import Entry, entries
from market.site.queries import headline
from market.site.rules import Tally
from market.site.rules.figures import COUNTS, sum_of
from market.web.viewer import Viewer
from projects.posting.actions import amend, withdraw
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from tests.counted import lines, total

from .county import Place, open_place

PROJECTS = 12
ANNULLING = {"draw.committed", "project.failed", "contract.refused", "contract.lapsed"}


async def _begin(place: Place, number: int, random: Random) -> ProjectView:
    """Published; then perhaps amended or withdrawn; between none and all agencies sign up."""
    budget = Money(random.randint(40_000_00, 160_000_00))
    known = {"estimate": "yes"} if random.random() < 0.8 else {"estimate": "no"}
    funding = {"funding": random.choice(["all", "none"])}
    project = await place.publish(number, budget, budget.share(random.randint(6_000, 10_000)), **known, **funding)
    owner = place.owner(number)
    if random.random() < 0.25:
        await _cheaper(place.world, owner, project)
    if random.random() < 0.15:
        await withdraw(owner, project.number, reason="投资计划调整，本项目暂缓实施，另行公告。", now=place.world.now)
        return project
    for agent in random.sample(place.agents, random.choice([0, 2, 3, 4, 4])):
        await sign_up(place.world, agent, project)
    return project


async def _cheaper(world: World, owner: Viewer, project: ProjectView) -> None:
    assert project.price_fen is not None
    values = notice_values(
        world, title=project.title, region_code=project.region_code, investment_code="", investment_name="",
        funding="all" if project.fiscal_share else "none", estimate="no" if project.budget_fen is None else "yes",
        budget=Money(project.budget_fen or project.price_fen).yuan_text, price=Money(project.price_fen * 9 // 10).yuan_text,
    )  # fmt: skip
    await amend(
        owner,
        project.number,
        values,
        reason="按评审意见核减服务费。",
        calendar=world.calendar,
        beacon=world.beacon,
        now=world.now,
    )


async def _object(place: Place, number: int, project: ProjectView, random: Random) -> None:
    current = await project_by_number(project.number)
    if current.stage is not Stage.RESULT_NOTICE or random.random() < 0.6:
        return
    objection = await object_to(place.world, place.owner(number), current)
    if random.random() < 0.4:
        await reject(place.world, objection)
    else:
        await uphold(place.world, objection, exclude=current.winner_id if random.random() < 0.6 else None)


async def _contract(place: Place, number: int, project: ProjectView, random: Random) -> None:
    current = await project_by_number(project.number)
    if current.stage is not Stage.CONTRACTING or random.random() < 0.1:
        return
    winner = await place.winner(current)
    if random.random() < 0.2:
        await refuse_contract(place.world, await current_contract(current.number), winner)
        return
    await sign_both(place.world, current.number, place.owner(number), winner)


async def _fulfil(place: Place, number: int, project: ProjectView, random: Random) -> None:
    current = await project_by_number(project.number)
    if current.stage is not Stage.FULFILMENT or random.random() < 0.2:
        return
    winner = await place.winner(current)
    await deliver_results(place.world, current.number, winner)
    if random.random() < 0.3:
        await return_results(place.world, current.number, place.owner(number))
        await deliver_results(place.world, current.number, winner)
    if random.random() < 0.7:
        await accept_delivery(place.world, current.number, place.owner(number))


async def _history(world: World, random: Random) -> None:
    place = await open_place(world, "370203", owners=3, agencies=4)
    begun = [await _begin(place, number, random) for number in range(PROJECTS)]
    await world.run_past(closing_time(world, 4))
    for step, wait in ((_object, 6), (_contract, 12), (_contract, 12), (_fulfil, random.randint(5, 40)), (_fulfil, 60)):
        for number, project in enumerate(begun):
            await step(place, number, project, random)
        await world.run_until(world.now + timedelta(days=wait))


async def _register() -> dict[str, list[Entry]]:
    """Every project's acts, oldest first."""
    acts: dict[str, list[Entry]] = {}
    for entry in reversed(await entries(None, before=None, limit=100_000)):
        acts.setdefault(entry.subject, []).append(entry)
    return {number: said for number, said in acts.items() if said[0].kind == "project.published"}


def tally_of(acts: Iterable[Entry]) -> Tally:
    """One project's part in the statistics, from nothing but its register entries."""
    said: dict[str, Entry] = {}
    late, budget, price = False, None, 0
    for act in acts:
        said[act.kind] = act
        if act.kind == "project.published":
            budget, price = act.data["budget_fen"], act.data["price_fen"]
        elif act.kind == "project.amended":
            budget = act.data["changes"].get("budget_fen", [None, budget])[1]
            price = act.data["changes"].get("price_fen", [None, price])[1]
        elif act.kind in ANNULLING:
            said.pop("result.final", None)
        elif act.kind == "delivery.made":
            late = late or act.data["late_days"] > 0
    final, fulfilled = "result.final" in said, "delivery.accepted" in said
    priced = final and budget is not None
    return Tally(
        posted=1, selected=int(final), signed=int("contract.in_force" in said), fulfilled=int(fulfilled),
        failed=int("project.failed" in said), withdrawn=int("project.withdrawn" in said),
        on_time=int(fulfilled and not late), priced=int(priced),
        budget=Money(budget or 0) if priced else Money(0), price=Money(price) if priced else Money(0),
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_anybody_can_count_the_statistics(world: World, seed: int) -> None:
    await _history(world, Random(seed))
    tallies = [tally_of(acts) for acts in (await _register()).values()]
    assert len(tallies) == PROJECTS
    counted, months = sum_of(tallies), await lines("funnel", "month", now=world.now)
    assert (await headline())[0] == counted
    found = {
        **await total("funnel", now=world.now),
        **await total("delivery", now=world.now),
        **await total("saving", now=world.now),
    }
    assert {name: found[name] for name in COUNTS} == {name: getattr(counted, name) for name in COUNTS}
    assert (found["budget"], found["price"], found["saving_rate"]) == (
        counted.budget.fen,
        counted.price.fen,
        counted.saving_rate,
    )
    assert sum(values["posted"] or 0 for values in months.values()) == counted.posted
    assert counted.posted >= counted.selected >= counted.signed >= counted.fulfilled
