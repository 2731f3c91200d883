"""The whole path in a real browser, as owner, agencies, operator, regulator and visitor: from an empty market to a
closed project whose result anybody can compute again, and to the credit that decides who may sign up next.

Every page on the way is inspected: console, policy, failed requests, axe, and its width at 360 px (`findings`).
"""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from playwright.async_api import expect

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.agencies import EVERY_ROLE, Agent, credit_code, operator_of, review, some_agency, submit_agency
from market.demo.contracts import current_contract
from market.demo.projects import open_owner, publish_project
from market.demo.selection import sign_up as sign_up_by_builder
from market.demo.world import World
from market.kernel.db import fetch_one
from market.kernel.ids import new_id
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from tests.browser import agency, owner
from tests.browser.conftest import Arrive
from tests.browser.inspection import NARROW
from tests.browser.person import WIDE, Person

pytestmark = pytest.mark.browser
THIRD = "胶州湾岸线地形测量"
ROOT = Path(__file__).resolve().parents[2]
IN_AN_EMPTY_MARKET = (
    "/", "/projects", "/results", "/agencies", "/statistics", "/lists", "/catalogue", "/rulebook", "/register", "/beacon",
    "/entry-notices", "/credit", "/help", "/verify", "/open-data", "/accessibility", "/complaints", "/sign-in",
)  # fmt: skip


@dataclass
class Story:
    """Who is in it, with their browsers. `ours`: the agency that entered through the pages; `others` by builders."""

    world: World
    arrive: Arrive
    visitor: Person
    owner: Person
    ours: Person
    operator: Person
    others: list[Agent]
    number: str = ""

    async def project(self) -> ProjectView:
        return await project_by_number(self.number)

    async def at_browser(self, viewer: Viewer) -> Person:
        """Somebody whose account a builder made."""
        person = await self.arrive()
        await person.enter_as(viewer)
        return person

    async def agency_at_browser(self, agency_id: UUID | None) -> Person:
        for agent in self.others:
            if agent.id == agency_id:
                return await self.at_browser(agent.viewer)
        return self.ours


async def begin(world: World, arrive: Arrive) -> Story:
    operator = await operator_of(world)
    visitor, first, ours, office = [await arrive() for _ in range(4)]
    await office.enter_as(operator)
    return Story(world, arrive, visitor=visitor, owner=first, ours=ours, operator=office, others=[])


@pytest.mark.parametrize("width", [WIDE, NARROW], indirect=True)
async def test_the_whole_path(world: World, arrive: Arrive, tmp_path: Path) -> None:
    story = await begin(world, arrive)
    await _an_empty_market(story)
    await _agencies_enter(story)
    await _a_job_is_posted(story)
    await _agencies_sign_up(story)
    await _anybody_computes_the_draw_again(story, tmp_path)
    await _an_objection_is_rejected(story)
    await _both_sign(story)
    await _delivered_returned_delivered_late_accepted(story)
    await _both_rate(story)
    await _credit_decides_who_may_sign_up(story)
    await _the_regulator_watches(story)
    await _everything_is_public(story)


async def _an_empty_market(story: Story) -> None:
    """Every public page with nothing on it yet; a wrong address; a form with everything missing."""
    visitor = story.visitor
    for path in IN_AN_EMPTY_MARKET:
        await visitor.open(path)
    await visitor.open("/projects/MX-2026-999999", status=404)
    await visitor.open("/sign-up?kind=natural_person")
    await visitor.send("/sign-up", status=422)
    await expect(visitor.page.locator("main [role=alert]").first).to_be_focused()


async def _agencies_enter(story: Story) -> None:
    """Three by builders; one through the form, the review of the operator and its public notice."""
    world = story.world
    for number in (1, 2):
        story.others.append(await submit_agency(world, some_agency(number, legal_representative=f"法定代表人{number}")))
    unfit = some_agency(3, legal_representative="法定代表人3", service_items=("A011",), name="青岛众智工程咨询有限公司")
    story.others.append(await submit_agency(world, unfit))
    for agent in story.others:
        await review(world, agent)
    await agency.open_account(story.ours)
    await agency.apply_for_entry(story.ours)
    await _operator_accepts(story)
    await story.visitor.open(f"/agencies/{agency.CODE}")
    await story.visitor.open("/entry-notices")
    await expect(story.visitor.page.locator("main")).to_contain_text(agency.NAME)
    row = await fetch_one("SELECT max(notice_ends_at) AS ends_at FROM agency")
    assert row is not None
    await world.run_until(row["ends_at"])
    await story.visitor.open("/agencies")
    await expect(story.visitor.page.locator("main")).to_contain_text(agency.NAME)


async def _operator_accepts(story: Story) -> None:
    operator = story.operator
    await operator.open("/workbench")
    await operator.open("/operator/entries")
    await operator.open(f"/operator/entries/{agency.CODE}")
    accept = operator.page.locator('[name^="verdict-"][value="accept"]')
    for place in range(await accept.count()):
        await accept.nth(place).check()
    await operator.fill(decision="accept")
    await operator.send(f"/operator/entries/{agency.CODE}")


async def _a_job_is_posted(story: Story) -> None:
    await owner.open_account(story.owner)
    await owner.write_notice(story.owner)
    story.number = await owner.publish(story.owner)
    await expect(story.owner.page.locator("h1")).to_have_text(owner.TITLE)
    await story.owner.open("/owner/projects")
    await story.owner.open("/workbench")
    await story.visitor.open("/projects")
    await story.visitor.follow(story.visitor.page.get_by_role("link", name=owner.TITLE).first)
    await story.visitor.open(f"/projects/{story.number}/notice")


async def _agencies_sign_up(story: Story) -> None:
    """One changes its mind twice, one by a builder, one sees in each line why it may not."""
    first, second, unfit = story.others
    await agency.sign_up(story.ours, story.number)
    await agency.withdraw(story.ours, story.number)
    await agency.sign_up(story.ours, story.number)
    await story.ours.open(f"/projects/{story.number}/eligibility")
    await agency.sign_up(await story.at_browser(first.viewer), story.number)
    await sign_up_by_builder(story.world, second, await story.project())
    refused = await story.at_browser(unfit.viewer)
    await refused.open(f"/projects/{story.number}")
    await expect(refused.page.locator("#sign-up")).to_contain_text("不能报名")
    assert await refused.page.locator(f'main a[href$="/projects/{story.number}/sign-up"]').count() == 0
    await story.ours.open("/agency/sign-ups")


async def _anybody_computes_the_draw_again(story: Story, folder: Path) -> None:
    """The pool freezes and the draw runs; then the seal in the browser, and the command on the downloaded file."""
    await story.world.run_past((await story.project()).sign_up_closes_at)
    assert (await story.project()).stage is Stage.RESULT_NOTICE
    late = await story.at_browser(story.others[2].viewer)
    await late.open(f"/projects/{story.number}/sign-up", status=409)
    await expect(late.page.locator("main")).to_contain_text("截止")
    visitor = story.visitor
    await visitor.open("/results")
    await visitor.open(f"/projects/{story.number}")
    await visitor.open(f"/projects/{story.number}/rounds/1")
    check = visitor.page.locator("draw-check")
    await expect(check.locator('[data-part="seal"]')).to_be_hidden()
    await check.get_by_role("button").first.click()
    await expect(check.locator('[data-part="seal"]')).to_be_visible()
    await visitor.look()
    async with visitor.downloading(folder) as files:
        await visitor.page.locator('a[href$="/dossier.json"]').first.click()
    command = [sys.executable, "-m", "market", "verify", str(files[0])]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert (process.returncode, "VERIFIED" in said.decode()) == (0, True)


async def _an_objection_is_rejected(story: Story) -> None:
    project = await story.project()
    signed_up = [await _our_id(), story.others[0].id, story.others[1].id]
    loser = await story.agency_at_browser(next(one for one in signed_up if one != project.winner_id))
    objection = await agency.object_to(loser, story.number)
    await story.owner.open(f"{objection}/statement")
    await story.owner.fill(statement="我单位按公告核对了报名条件，未发现中选机构存在异议所述的情形。")
    await story.owner.send("/statement")
    await story.operator.open("/workbench")
    await story.operator.open(f"{objection}/answer")
    await story.operator.fill(
        decision="rejected",
        answer="经核实，证书信息以注册系统为准，公示内容无误，异议不成立。",
        legal_cause="《招标投标法实施条例》第五十四条",
    )
    await story.operator.send("/answer")
    await loser.open(objection)


async def _our_id() -> UUID:
    row = await fetch_one("SELECT id FROM organisation WHERE code = $1", agency.CODE)
    assert row is not None
    return cast(UUID, row["id"])


async def _winner(story: Story) -> Person:
    return await story.agency_at_browser((await story.project()).winner_id)


async def _both_sign(story: Story) -> None:
    ends_at = (await story.project()).result_notice_ends_at
    assert ends_at is not None
    await story.world.run_until(ends_at)
    url = (await current_contract(story.number)).url
    winner = await _winner(story)
    await winner.open("/workbench")
    await winner.open(url)
    await owner.sign(winner, url)
    await owner.sign(story.owner, url)
    await story.owner.open(f"{url}/print")
    assert (await story.project()).stage is Stage.FULFILMENT


async def _delivered_returned_delivered_late_accepted(story: Story) -> None:
    world, winner = story.world, await _winner(story)
    await agency.deliver(winner, story.number)
    await story.owner.open("/workbench")
    await owner.return_delivery(story.owner, story.number)
    await world.run_until(world.calendar.add_working_days(world.now, 30) - timedelta(hours=8))
    await agency.deliver(winner, story.number)
    await story.visitor.open(f"/projects/{story.number}")
    await owner.accept_delivery(story.owner, story.number)
    await world.settle()
    assert (await story.project()).stage is Stage.ACCEPTED


async def _both_rate(story: Story) -> None:
    winner = await _winner(story)
    await owner.rate(story.owner, story.number, 2, "成果退回一次，第二次提交超期一个多月，影响了后续审批。")
    await owner.rate(winner, story.number, 4)
    await story.world.settle()
    assert (await story.project()).stage is Stage.CLOSED
    await winner.open(f"/projects/{story.number}")
    await story.visitor.open(f"/projects/{story.number}")
    for path in ("/messages", "/account", "/account/colleagues"):
        await story.owner.open(path)


async def _credit_decides_who_may_sign_up(story: Story) -> None:
    """The late delivery costs points; a contract refused on top of it, and the next notice says no, and why."""
    winner, project = await _winner(story), await story.project()
    url = f"/agencies/{project.winner_code}"
    await story.visitor.open(f"{url}/credit")
    await expect(story.visitor.page.locator("main")).to_contain_text("逾期")
    await _refuses_the_next_contract(story, winner, project)
    third = await publish_project(story.world, await _another_owner(story.world, 9), title=THIRD)
    await winner.open(f"/projects/{third.number}")
    await expect(winner.page.locator("#sign-up")).to_contain_text("不能报名")
    await expect(winner.page.locator("#sign-up")).to_contain_text("暂停")
    await winner.open(f"/projects/{third.number}/sign-up")
    assert await winner.form("/sign-up").count() == 0
    await winner.open("/workbench")
    await story.visitor.open(f"{url}/credit")
    await story.visitor.open(url)


async def _another_owner(world: World, number: int) -> Viewer:
    return await open_owner(
        world, name=f"青岛海云置业第{number}有限公司", code=credit_code(4000 + number), kind="enterprise", region="370202",
        legal_representative=f"业主负责人{number}",
    )  # fmt: skip


async def _refuses_the_next_contract(story: Story, winner: Person, first: ProjectView) -> None:
    """With private funds one sign-up is enough: whoever won before wins again."""
    world = story.world
    second = await publish_project(world, await _another_owner(world, 8), title="崂山区厂区竣工测量", funding="none")
    await agency.sign_up(winner, second.number)
    await world.run_past(second.sign_up_closes_at)
    drawn = await project_by_number(second.number)
    assert drawn.winner_id == first.winner_id
    assert drawn.result_notice_ends_at is not None
    await world.run_until(drawn.result_notice_ends_at)
    await agency.refuse_contract(winner, (await current_contract(second.number)).url)
    await world.settle()


async def _the_regulator_watches(story: Story) -> None:
    code, person = (
        credit_code(2, region="370200", kind="11"),
        NewPerson("regulator", "高立群", "13800000003", "!", id=new_id()),
    )
    organisation = NewOrganisation(
        kind="regulator", code=code, name="青岛市中介服务监督管理局", legal_representative="高立群", region_code="370200",
        address="青岛市", phone="0532-85900000",
    )  # fmt: skip
    await register_organisation(organisation, person, now=story.world.now, scope=("3702", ""))
    viewer = Viewer(person.id, person.name, organisation.id, "regulator", organisation.name, code, EVERY_ROLE)
    regulator = await story.at_browser(viewer)
    await regulator.open("/workbench")
    await regulator.open("/regulator")
    await regulator.open("/regulator/steps?show=all")
    waiting = regulator.page.get_by_role("row").filter(has_text=THIRD)
    await expect(waiting).to_contain_text(re.compile("剩余|按期|即将到期|逾期"))  # the lamp's word
    await regulator.open("/regulator/lists")
    await regulator.open(f"/projects/{story.number}")


async def _everything_is_public(story: Story) -> None:
    visitor = story.visitor
    await visitor.open("/statistics")
    await expect(visitor.page.locator("main")).to_contain_text("发布 3 宗，选定 1 宗，签约 1 宗，履约 1 宗")
    await visitor.open("/statistics/funnel?by=class")
    await expect(visitor.page.locator("#chart canvas")).to_be_visible()
    await visitor.page.locator("#figure-table .table-frame").focus()  # the table is there beside the drawing
    for path in ("/", "/projects", "/results", "/search?q=测量", f"/register?subject={story.number}", "/lists"):
        await visitor.open(path)
    await visitor.follow(visitor.page.locator('header a[href="/agencies"]'))
