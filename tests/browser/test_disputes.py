"""A dispute in browsers: objected, stated, answered, complained about, decided; and a job that fails twice."""

from __future__ import annotations

import pytest

from market.demo import complaints as demo
from market.demo.complaints import accept
from market.demo.selection import GROUNDS, LEGAL_CAUSE, REASONS, STATEMENT
from market.demo.world import World
from projects.rules import Stage
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.contracts.award import Award, make_award
from tests.failed.test_failed_pages import agents, failed_once, failed_twice, owner
from tests.ratings.people import open_regulator

__all__ = ["agents", "failed_once", "failed_twice", "owner"]


@pytest.fixture
async def award(world: World) -> Award:
    return await make_award(world, agencies=4)


async def test_from_the_objection_to_the_printed_decision(world: World, award: Award, arrive: Arrive) -> None:
    objector, owner, operator, regulator = [await arrive() for _ in range(4)]
    from market.demo.agencies import operator_of

    authority = await open_regulator(world, 1, "3702")
    for person, viewer in ((objector, award.losers[0]), (owner, award.owner), (operator, await operator_of(world)), (regulator, authority)):  # fmt: skip
        await person.enter_as(viewer)
    objection = await _objected(objector, award.number)
    await _stated(owner, objection)
    await _answered(operator, objection)
    await objector.open(f"{objection}/letter")
    complaint = await _complained(objector, objection)
    await _examined(regulator, complaint)
    await _decided(regulator, complaint)
    for person in (objector, owner):
        await person.open(complaint)
        await person.open(f"{complaint}/letter")
    visitor = await arrive()
    await visitor.open(f"/projects/{award.number}")
    assert demo.REASONS in await visitor.page.locator("#complaints").inner_text()
    assert (await award.project()).stage is Stage.DRAWING


async def _objected(person: Person, number: str) -> str:
    await person.open(f"/projects/{number}/objections/new")
    await person.fill(grounds=GROUNDS)
    await person.send(f"/projects/{number}/objections")
    return person.path.split("?")[0]


async def _stated(owner: Person, objection: str) -> None:
    await owner.open("/workbench")
    await owner.open(f"{objection}/statement")
    await owner.fill(statement=STATEMENT)
    await owner.send("/statement")


async def _answered(operator: Person, objection: str) -> None:
    await operator.open(f"{objection}/answer")
    await operator.fill(decision="rejected", answer=REASONS, legal_cause=LEGAL_CAUSE)
    await operator.send("/answer")


async def _complained(person: Person, objection: str) -> str:
    await person.open(f"{objection}/complaint")
    await person.fill(grounds=demo.GROUNDS, request=demo.REQUEST, files=["注册信息.pdf"])
    await person.send("/complaint")
    return person.path.split("?")[0]


async def _examined(regulator: Person, complaint: str) -> None:
    await regulator.open("/workbench")
    await regulator.open("/regulator/complaints")
    await regulator.open(f"{complaint}/examination")
    await regulator.fill(outcome="accept")
    await regulator.send("/examination")
    await regulator.open(f"{complaint}/extension")
    await regulator.fill(reason=demo.EXTENDED)
    await regulator.send("/extension")


async def _decided(regulator: Person, complaint: str) -> None:
    await regulator.open(f"{complaint}/decision")
    await regulator.fill(
        decision="upheld", remedy="redraw", leave_out_winner=True, legal_cause=demo.LEGAL_CAUSE, rule=demo.RULE,
        reasons=demo.REASONS,
    )  # fmt: skip
    await regulator.send("/decision")
    await regulator.send("/decision")


async def test_returned_for_correction(world: World, award: Award, arrive: Arrive) -> None:
    from tests.complaints.dispute import make_dispute

    dispute = await make_dispute(award, await open_regulator(world, 1, "3702"))
    await dispute.reject()
    contract = await award.run_past_notice()
    complaint = await demo.give_back(world, await dispute.complain(), dispute.regulator)
    objector = await arrive()
    await objector.enter_as(dispute.objector)
    await objector.open(contract.url)
    await objector.open(f"{complaint.url}/correction")
    await objector.fill(correction=demo.CORRECTION)
    await objector.send("/correction")
    await accept(world, await dispute.complaint(), dispute.regulator)
    await objector.open(complaint.url)


async def test_a_job_that_failed_twice(arrive: Arrive, owner, failed_once, failed_twice) -> None:
    person = await arrive()
    await person.enter_as(owner)
    await person.open(failed_once.url)
    await person.open(failed_twice.url)
    await person.open(f"{failed_twice.url}/pick")
    await person.fill(agency="other", reason="两次公开选取报名机构不足，由业主说明理由后直接选取。")
    await person.send("/pick")
