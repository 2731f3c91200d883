"""Stops of the clock and more time: asked, answered, ended, revoked, on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.demo.contracts import accept_delivery, deliver_results, return_results
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.errors import NotFound, Refusal
from market.oversight.rules import Scope
from projects.contracts.changes.actions import NewMilestone
from projects.fulfilment.clock import actions as clock_actions
from projects.fulfilment.clock import rules as clock
from projects.fulfilment.clock.actions import NewChange
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.panels import to_do
from projects.fulfilment.queries import Fulfilment, fulfilment_of
from tests.contracts.award import Award, SignIn, acts_of
from tests.contracts.proposing import change, propose, sign
from tests.contracts.test_access import organisation_of

STOP = NewChange(Kind.SUSPENSION, "site-not-ready", None, "现场尚未完成征收，测量人员无法进场。")
MORE = NewChange(Kind.EXTENSION, "", 5, "连续降雨，外业测量无法按期完成。")


async def found(award: Award) -> Fulfilment:
    fulfilment = await fulfilment_of(award.number)
    assert fulfilment is not None
    return fulfilment


async def ask(award: Award, new: NewChange) -> None:
    world = award.world
    await clock_actions.ask(award.number, new, viewer=award.winner, calendar=world.calendar, now=world.now)


async def answer(award: Award, no: int, *, agrees: bool, reason: str = "") -> None:
    world = award.world
    await clock_actions.answer(
        award.number, no=no, agrees=agrees, reason=reason, viewer=award.owner, calendar=world.calendar, now=world.now
    )


async def resume(award: Award) -> None:
    world = award.world
    await clock_actions.resume(award.number, viewer=award.winner, calendar=world.calendar, now=world.now)


async def test_a_confirmed_stop_counts_from_when_it_was_asked_for(award: Award) -> None:
    world = award.world
    limit = (await found(award)).limit
    world.clock.advance(days=2)
    await ask(award, STOP)
    asked_at = world.now
    assert [one.link for one in await to_do(award.owner, world.now)] == [f"/projects/{award.number}/clock"]
    world.clock.advance(days=1)
    await answer(award, 1, agrees=True)
    stopped = await found(award)
    assert stopped.stop is not None
    assert stopped.step is None
    assert (await award.project()).due_at is None
    with pytest.raises(Refusal, match=r"clock\.stands"):
        await deliver_results(world, award.number, award.winner)
    await world.run_until(world.now + timedelta(days=20))
    await resume(award)
    left = world.calendar.working_days_between(asked_at, limit - timedelta(seconds=1))
    after = await found(award)
    assert after.limit == world.calendar.add_working_days(world.now, left)
    assert (await award.project()).due_at == after.limit
    made = await deliver_results(world, award.number, award.winner)
    assert made.late_days == 0
    await accept_delivery(world, award.number, award.owner)
    assert [await acts_of(award.number, f"clock.{act}") for act in ("asked", "agreed", "resumed")] == [1, 1, 1]


async def test_after_a_return_the_time_to_correct_stops(award: Award) -> None:
    await deliver_results(award.world, award.number, award.winner)
    await return_results(award.world, award.number, award.owner)
    before = (await found(award)).limit
    await ask(award, STOP)
    await answer(award, 1, agrees=True)
    await award.world.run_until(award.world.now + timedelta(days=10))
    await resume(award)
    assert (await found(award)).limit > before


async def test_more_time_needs_the_owner_and_lapses_without_an_answer(award: Award) -> None:
    world = award.world
    limit = (await found(award)).limit
    await ask(award, MORE)
    with pytest.raises(Refusal, match=r"clock\.asked"):
        await ask(award, MORE)
    with pytest.raises(Refusal, match=r"clock\.own_request"):
        await clock_actions.answer(
            award.number, no=1, agrees=True, reason="", viewer=award.winner, calendar=world.calendar, now=world.now
        )
    with pytest.raises(NotFound):
        await clock_actions.ask(award.number, MORE, viewer=award.owner, calendar=world.calendar, now=world.now)
    with pytest.raises(NotFound):
        await clock_actions.ask(award.number, STOP, viewer=award.losers[0], calendar=world.calendar, now=world.now)
    await world.run_until(world.calendar.add_working_days(world.now, 3))
    assert [one.answer for one in (await found(award)).changes] == ["lapsed"]
    assert (await found(award)).limit == limit
    await ask(award, MORE)
    await answer(award, 2, agrees=True)
    assert (await found(award)).limit == world.calendar.add_working_days(limit - timedelta(seconds=1), 5)


async def test_a_declined_request_changes_nothing_and_an_ended_time_cannot_be_moved(award: Award) -> None:
    world = award.world
    limit = (await found(award)).limit
    await ask(award, MORE)
    await answer(award, 1, agrees=False, reason="雨季已计入服务期限，不同意延期。")
    assert (await found(award)).limit == limit
    await world.run_until(limit)
    with pytest.raises(Refusal, match=r"clock\.time_over"):
        await ask(award, STOP)


async def test_the_regulator_of_the_field_revokes_and_nobody_else(award: Award) -> None:
    world = award.world
    regulator = replace(await organisation_of(world, "regulator", 2, "3702"), scopes=(Scope("3702", ""),))
    stranger = replace(await organisation_of(world, "regulator", 3, "4401"), scopes=(Scope("4401", ""),))
    limit = (await found(award)).limit
    await ask(award, STOP)
    await answer(award, 1, agrees=True)
    await world.run_until(world.now + timedelta(days=3))
    await resume(award)
    assert (await found(award)).limit > limit
    for viewer in (stranger, award.owner):
        with pytest.raises(NotFound):
            await clock_actions.revoke(
                award.number, no=1, reason="现场照片显示已具备条件。", viewer=viewer, now=world.now
            )
    await clock_actions.revoke(award.number, no=1, reason="现场照片显示已具备条件。", viewer=regulator, now=world.now)
    assert (await found(award)).limit == limit
    with pytest.raises(Refusal, match=r"clock\.irrevocable"):
        await clock_actions.revoke(
            award.number, no=1, reason="现场照片显示已具备条件。", viewer=regulator, now=world.now
        )


async def test_what_a_supplement_lengthened_since_is_not_revoked(award: Award) -> None:
    world, contract = award.world, await award.contract()
    regulator = replace(await organisation_of(world, "regulator", 2, "3702"), scopes=(Scope("3702", ""),))
    await ask(award, STOP)
    await answer(award, 1, agrees=True)
    await world.run_until(world.now + timedelta(days=3))
    await resume(award)
    (first,) = contract.terms.milestones
    longer = await change(award, milestones=(NewMilestone(first.title, first.price_fen, first.days + 2),))
    made = await propose(award, award.owner, longer)
    for viewer in (award.winner, award.owner):
        await sign(award, made, viewer)
    lengthened = (await found(award)).limit
    with pytest.raises(Refusal, match=r"clock\.supplemented"):
        await clock_actions.revoke(
            award.number, no=1, reason="现场照片显示已具备条件。", viewer=regulator, now=world.now
        )
    assert (await found(award)).limit == lengthened


async def test_the_pages_lead_through_a_stop(award: Award, sign_in: SignIn) -> None:
    agency, owner = await sign_in(award.winner), await sign_in(award.owner)
    page = f"/projects/{award.number}/clock"
    assert (
        await agency.send_form(page, {"kind": "suspension", "reason": "现场尚未完成征收，无法进场。"})
    ).status_code == 422
    sent = await agency.send_form(
        page, {"kind": "suspension", "cause": "sampling", "reason": "现场尚未完成征收，无法进场。"}
    )
    assert sent.status_code == 303
    again = {"kind": "extension", "days": "3", "reason": "连日大雨，外业无法进行。"}
    refused = await agency.send_form(page, again)
    assert refused.status_code == 409
    assert "现在不能办理，未作任何更改" in refused.text, "the rule's no stands on the page itself"
    assert again["reason"] in refused.text, "what was written can be copied, though its form is not due"
    assert "检验检测采样" in (await owner.get(page)).text
    assert (await owner.send_form(f"{page}/answer", {"no": "1", "answer": "agree"})).status_code == 303
    assert "期限中止计算" in (await agency.get(f"/projects/{award.number}")).text
    stands = await agency.get(page)
    assert stands.status_code == 200
    assert "事由已消除，恢复计时" in stands.text
    assert (await owner.send_form(f"{page}/resume")).status_code == 303
    assert "恢复计算时间" in (await agency.get(page)).text


@given(
    some.integers(min_value=0, max_value=30),
    some.integers(min_value=0, max_value=60),
    some.integers(min_value=1, max_value=40),
)
def test_a_stop_never_costs_the_agency_a_working_day(stopped_after: int, stood: int, days: int) -> None:
    calendar = Calendar()
    start = datetime(2026, 3, 2, 10, tzinfo=BEIJING)
    limit = calendar.add_working_days(start, days)
    stopped = start + timedelta(days=stopped_after)
    if stopped >= limit:
        return
    resumed = stopped + timedelta(days=stood)
    after = clock.limit_after_stop(limit, stopped, resumed, calendar=calendar)
    left = calendar.working_days_between(stopped, limit - timedelta(seconds=1))
    assert after >= limit
    assert calendar.working_days_between(resumed, after - timedelta(seconds=1)) >= left


async def test_a_delivery_ends_what_was_asked_about_the_time(award: Award) -> None:
    await ask(award, MORE)
    await deliver_results(award.world, award.number, award.winner)
    waiting = await found(award)
    assert waiting.request is None
    assert await acts_of(award.number, "clock.lapsed") == 1
    with pytest.raises(Refusal) as late:
        await answer(award, 1, agrees=True)
    assert late.value.code == "clock.answered"
    assert (await award.project()).due_at == waiting.facts[-1].answer_due_at


async def test_a_stop_revoked_while_the_delivery_is_checked_leaves_the_time_to_answer(award: Award) -> None:
    world = award.world
    await ask(award, STOP)
    await answer(award, 1, agrees=True)
    world.clock.advance(days=2)
    await resume(award)
    delivery = await deliver_results(world, award.number, award.winner)
    regulator = replace(await organisation_of(world, "regulator", 7, "3702"), scopes=(Scope("3702", ""),))
    await clock_actions.revoke(award.number, no=1, reason="现场已具备作业条件。", viewer=regulator, now=world.now)
    assert (await award.project()).due_at == delivery.answer_due_at
    await accept_delivery(world, award.number, award.owner)
    with pytest.raises(Refusal):
        await clock_actions.revoke(award.number, no=1, reason="现场已具备作业条件。", viewer=regulator, now=world.now)
