"""Due process in browsers: an agency wins and refuses to sign, is accused, heard, paused by another person than the one who
recorded it, refused at its next sign-up, and gets everything back when its appeal is granted."""

from __future__ import annotations

import pytest

from market.demo import cases as demo
from market.demo.agencies import operator_of
from market.demo.projects import publish_project
from market.demo.world import World
from market.web.viewer import Viewer
from tests.browser.agency import refuse_contract
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.contracts.award import Award, make_award
from tests.ratings.people import open_regulator

GROUND = "中选后不签订合同"


@pytest.fixture
async def award(world: World) -> Award:
    return await make_award(world, agencies=3)


async def test_from_refusing_to_sign_to_a_granted_appeal(world: World, award: Award, arrive: Arrive) -> None:
    contract, code = await award.run_past_notice(), award.winner.organisation_code
    recorder = await open_regulator(world, 1, "3702")
    judge = await demo.colleague_of(world, recorder, "regulator-1b", "孙敏")
    firm = await _enter(arrive, award.winner)
    await refuse_contract(firm, contract.url)
    await world.settle()
    await firm.open(f"/agencies/{code}/credit")
    assert "−20" in await firm.page.locator(".statement").inner_text()
    url = await _recorded(await _enter(arrive, recorder), code)
    await firm.open("/workbench")
    await _stated(firm, url)
    await demo.past_defence(world, url.rsplit("/", 1)[-1])
    await _decided(await _enter(arrive, judge), url)
    await world.settle()
    await _refused_at_the_next_sign_up(world, award, firm)
    await _appealed(firm, url)
    await _granted(await _enter(arrive, await operator_of(world)), url)
    await world.settle()
    await _restored(await arrive(), firm, url, code)


async def _enter(arrive: Arrive, viewer: Viewer) -> Person:
    person = await arrive()
    await person.enter_as(viewer)
    return person


async def _recorded(person: Person, code: str) -> str:
    """From the event on the credit account to the notice."""
    await person.open(f"/cases/new?code={code}")
    event = await person.page.locator('[name="event"] option').nth(1).get_attribute("value")
    await person.fill(event=event, violation="sign_refused", occurred_on="2026-06-20", facts=demo.FACTS, legal_cause=demo.LAW,
                      files=["催告函.pdf"])  # fmt: skip
    await person.send("/cases/new")
    url = person.path.split("?")[0]
    await person.open(f"{url}/notice")
    await person.fill(sanction="pause:6")
    await person.send("/notice")
    return url


async def _stated(firm: Person, url: str) -> None:
    await firm.open(f"{url}/statement")
    assert "催告函.pdf" in await firm.page.locator("#facts").inner_text()
    await firm.fill(text="因项目负责人离职暂缓签订，已与业主书面沟通，并非拒绝签订。", files=["往来函件.pdf"])
    await firm.send("/statement")


async def _decided(judge: Person, url: str) -> None:
    await judge.open("/cases")
    await judge.open(f"{url}/decision")
    await judge.fill(outcome="founded", sanction="pause:6", reasons=demo.REASONS)
    await judge.send("/decision")
    await judge.send("/decision")
    await judge.open(url.replace("/cases/", "/decisions/"))
    await judge.open(f"{url}/letters/decision")


async def _refused_at_the_next_sign_up(world: World, award: Award, firm: Person) -> None:
    project = await publish_project(world, award.owner, title="另一项测量服务")
    await firm.open(f"/projects/{project.number}/sign-up")
    said = await firm.page.locator("main").inner_text()
    assert GROUND in said
    assert await firm.form("/sign-up").count() == 0


async def _appealed(firm: Person, url: str) -> None:
    await firm.open(f"{url}/appeal")
    await firm.fill(appeal="业主已书面确认同意延期签订，附确认函，请求撤销决定并恢复信用。", files=["业主确认函.pdf"])
    await firm.send("/appeal")


async def _granted(third: Person, url: str) -> None:
    await third.open(f"{url}/appeal-decision")
    await third.fill(outcome="annulled", reasons="业主确认函属实，原决定认定拒绝签订的依据不足，予以撤销。")
    await third.send("/appeal-decision")
    await third.send("/appeal-decision")


async def _restored(visitor: Person, firm: Person, url: str, code: str) -> None:
    await visitor.open(url.replace("/cases/", "/decisions/"), status=404)
    await visitor.open(f"/agencies/{code}/credit")
    assert "可以报名" in await visitor.page.locator("main").inner_text()
    assert (await visitor.page.locator(".statement tfoot").inner_text()).strip().endswith("100")
    await firm.open(url)
    assert "复核撤销" in await firm.page.locator("main").inner_text()
