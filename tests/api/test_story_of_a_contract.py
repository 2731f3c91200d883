"""A contract in force, by two programs: time, changes, filing, and its end by notice and by agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from market.demo.agencies import credit_code
from market.demo.projects import open_owner
from market.demo.world import World
from market.kernel.calendar import beijing_date
from projects.contracts.changes.queries import changes_of, content_in_force
from projects.fulfilment.rescission.queries import settlement_of, warnings_of
from tests.api.conftest import Enter, Program
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, in_force, recall

beginning = begins_with({"award": in_force})
REASON = "现场尚未完成征收，测量人员无法进场。"
STOP = {"kind": "suspension", "cause": "site-not-ready", "reason": REASON}


@pytest.fixture
def award(beginning: Beginning, world: World) -> Award:
    return recall(beginning, world)


@pytest.fixture
async def sides(award: Award, enter: Enter) -> tuple[Program, Program]:
    """The owner's program and the agency's; another owner and an agency that was not drawn try everything as well."""
    other = await open_owner(award.world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11"))
    owner, agency = await enter(award.owner), await enter(award.winner)
    owner.strangers = agency.strangers = [await enter(other), await enter(award.losers[0])]
    return owner, agency


async def test_the_clock_stops_and_runs_again(award: Award, sides: tuple[Program, Program]) -> None:
    (owner, agency), number = sides, award.number
    missing = await agency.is_refused("askForTime", "invalid", {"kind": "suspension"}, number=number)
    assert {one["field"] for one in missing["errors"]} == {"cause", "reason"}
    await agency.is_refused("resumeClock", "clock.runs", number=number)
    await agency.does("askForTime", STOP, number=number)
    await agency.is_refused("answerTimeRequest", "clock.own_request", {"no": 1, "answer": "agree"}, number=number)
    await owner.does("answerTimeRequest", {"no": 1, "answer": "agree"}, number=number)
    award.world.clock.advance(days=1)
    await agency.does("resumeClock", number=number)


async def content_of(award: Award) -> dict[str, Any]:
    contract = await award.contract()
    now = content_in_force(contract, await changes_of(contract.id))
    rows = [{"title": one.title, "amount": f"{one.price_fen / 100:.2f}", "days": one.days} for one in now.milestones]
    return {"milestones": rows, "content": now.content, "scale": now.scale, "reason": REASON,
            "other_requirements": now.other_requirements}  # fmt: skip


async def test_changes_are_proposed_taken_back_and_refused(award: Award, sides: tuple[Program, Program]) -> None:
    (owner, agency), contract = sides, (await award.contract()).number
    now = await content_of(award)
    await owner.is_refused("proposeChange", "invalid", {**now, "milestones": []}, number=contract)
    more = {**now, "content": now["content"] + "另增补充测区一处。"}
    await owner.does("proposeChange", more, number=contract)
    await agency.is_refused("withdrawChange", "change.not_yours", number=contract, no=1)
    await owner.does("withdrawChange", number=contract, no=1)
    await owner.does("proposeChange", more, number=contract)
    await agency.is_refused("refuseChange", "invalid", {"reason": "不"}, number=contract, no=2)
    await agency.does("refuseChange", {"reason": "工作量增加而价款不变，不能接受。"}, number=contract, no=2)


async def test_a_contract_is_filed(award: Award, sides: tuple[Program, Program]) -> None:
    (owner, agency), contract = sides, (await award.contract()).number
    filing = {
        "authority": "青岛市财政局",
        "reference": "青财采备〔2026〕7号",
        "filed_on": beijing_date(award.world.now).isoformat(),
    }
    await owner.is_refused("recordFiling", "invalid", {**filing, "filed_on": "yesterday"}, number=contract)
    owner.strangers = [*owner.strangers, agency]  # filing is the owner's alone
    await owner.does("recordFiling", filing, number=contract)


async def test_an_end_is_asked_for_and_declined_then_brought_about_by_notice(
    award: Award, sides: tuple[Program, Program]
) -> None:
    (owner, agency), number, world = sides, award.number, award.world
    end = {"cause": "agreement", "reason": "项目规划调整，双方协商提前终止。", "settlement": "1000.00"}
    await agency.is_refused("askForEnd", "termination.too_much", {**end, "settlement": "99999999.00"}, number=number)
    await agency.does("askForEnd", end, number=number)
    await owner.is_refused("answerEnd", "invalid", {"no": 1, "answer": "decline"}, number=number)
    await owner.does(
        "answerEnd", {"no": 1, "answer": "decline", "reason": "项目仍须按原计划继续实施，不同意终止。"}, number=number
    )

    warning = {"warned": "delivery-overdue", "warning": "多次联系未果，成果至今没有交付。"}
    await owner.is_refused("warnOfEnd", "rescission.not_late", warning, number=number)
    due_at = (await award.project()).due_at
    assert due_at is not None
    world.clock.set(world.calendar.add_working_days(due_at, 10))
    await owner.does("warnOfEnd", warning, number=number)
    notice = {"ground": "delivery-overdue", "notice_reason": warning["warning"], "notice_settlement": "1000"}
    await owner.is_refused("giveNotice", "rescission.cure_first", notice, number=number)
    (warned,) = await warnings_of((await award.contract()).id)
    world.clock.set(warned.cure_due_at)
    await owner.does("giveNotice", notice, number=number)
    await agency.is_refused("withdrawNoticeOfEnd", "rescission.elsewhere", number=number)
    await owner.does("withdrawNoticeOfEnd", number=number)
    world.clock.advance(minutes=1)
    await owner.does("giveNotice", notice, number=number)
    await agency.is_refused("answerNotice", "invalid", {"notice_answer": "object"}, number=number)
    await agency.does("answerNotice", {"notice_answer": "accept"}, number=number)

    settlement = await settlement_of((await award.contract()).id)
    assert settlement is not None
    await owner.is_refused("confirmSettlement", "settlement.other", {"sha256": "0" * 64}, number=number)
    for side in sides:
        await side.does("confirmSettlement", {"sha256": settlement.sha256}, number=number)
    assert (await owner.read(f"/projects/{number}")).json()["stage"] == "terminated"
    assert world.now - warned.cure_due_at < timedelta(days=1)
