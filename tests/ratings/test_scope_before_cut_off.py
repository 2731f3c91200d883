"""Lists of those who supervise are cut off after their scope was applied, so that what others watch over crowds nothing out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook
from market.demo import cases
from market.demo.agencies import Agent, admit_agencies, credit_code, operator_of, paper, some_agency
from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from ratings.cases import queries as case_queries
from ratings.decisions import queries as decisions
from ratings.evaluations import queries as evaluations
from ratings.honours import actions as honour_actions
from ratings.honours import queries as honours
from ratings.honours.actions import NewHonour
from ratings.honours.rules import Level
from tests.ratings.people import open_regulator

REGIONS = ("370202", "370212")


async def finished_jobs(world: World, agents: list[Agent]) -> list[ProjectView]:
    """One for each agency, in the region of its seat, from notice to acceptance side by side in time."""
    owner = await open_owner(world, name="青岛某置业有限公司", code=credit_code(77), kind="enterprise")
    notices = [await publish_project(world, owner, funding="none", region_code=region) for region in REGIONS]
    for agent, notice in zip(agents, notices, strict=True):
        await sign_up(world, agent, notice)
    await world.run_past(notices[0].sign_up_closes_at)
    drawn = [await project_by_number(notice.number) for notice in notices]
    await world.run_until(max(one.result_notice_ends_at for one in drawn if one.result_notice_ends_at))
    for agent, notice in zip(agents, notices, strict=True):
        await sign_both(world, notice.number, owner, agent.viewer)
        await deliver_results(world, notice.number, agent.viewer)
        await accept_delivery(world, notice.number, owner)
    await world.settle()
    return drawn


async def honoured(world: World, agent: Agent, official: Viewer) -> None:
    day = beijing_date(world.now - timedelta(days=30))
    new = NewHonour(Level.COUNTY, "优秀测绘工程奖", "青岛市自然资源局", agent.code, day, paper("获奖证书"))
    honour_id = await honour_actions.propose(
        new, viewer=agent.viewer, files=world.running.files, calendar=world.calendar, now=world.now
    )
    await honour_actions.decide(await honours.honour(honour_id), "accepted", "", viewer=official, now=world.now)


def easily_red(book: Rulebook) -> Rulebook:
    """Asks for a single job and no proof of punctuality."""
    eased = {"red.jobs_min": 1, "red.on_time_min": 0}
    return replace(book, listed=tuple(replace(one, value=eased.get(one.key, one.value)) for one in book.listed))


async def test_each_sees_its_own_however_much_others_have(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = await operator_of(world)
    agents = await admit_agencies(world, [some_agency(n, region_code=region) for n, region in enumerate(REGIONS, 1)])
    jobs = await finished_jobs(world, agents)
    for agent in agents:
        await honoured(world, agent, operator)
        await cases.open_case(world, agent.id, operator)
    for module, limit in (
        (decisions, "CANDIDATES"), (honours, "SHOWN_DONE"), (case_queries.cases, "SHOWN"), (evaluations, "SHOWN_OPEN"),
    ):  # fmt: skip
        monkeypatch.setattr(module, limit, 1)
    book, now = easily_red(await rulebook_in_force(REGIONS[0], world.now)), world.now

    async def candidates(viewer: Viewer) -> list[str]:
        return [one.code for one in await decisions.red_candidates(viewer, book, now)]

    async def decided_honours(viewer: Viewer) -> list[str]:
        return [one.code for one in (await honours.decided_for(viewer)).rows]

    async def open_cases(viewer: Viewer) -> list[str]:
        return [one.firm_code for one in await case_queries.waiting_for(viewer, now)]

    async def to_rate(viewer: Viewer) -> list[str]:
        code_of = {job.number: agent.code for job, agent in zip(jobs, agents, strict=True)}
        return [code_of[one["number"]] for one in await evaluations.open_to(viewer, now)]

    lists: Mapping[str, Callable[[Viewer], Awaitable[list[str]]]] = {
        "candidates": candidates, "honours": decided_honours, "cases": open_cases, "ratings": to_rate,
    }  # fmt: skip
    for number, (region, agent) in enumerate(zip(REGIONS, agents, strict=True), 1):
        regulator = await open_regulator(world, number, region)
        assert {name: await shown(regulator) for name, shown in lists.items()} == {name: [agent.code] for name in lists}
        own = await honours.decided_for(regulator, 2)
        assert ([one.code for one in own.rows], own.no, own.pages) == ([agent.code], 1, 1)
    pages = [await honours.decided_for(operator, number) for number in (1, 2, 3)]
    assert [(one.no, one.pages, len(one.rows)) for one in pages] == [(1, 2, 1), (2, 2, 1), (2, 2, 1)]
    assert {one.code for page in pages for one in page.rows} == {agent.code for agent in agents}
