"""A dispute from its opening to its end, and what it does to the money and to the time meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.demo import payment_disputes as acts
from market.demo.contracts import accept_delivery, deliver_results, return_results
from market.kernel.db import fetch_value
from market.kernel.errors import NotFound, Refusal
from market.payments.rules import Standing
from market.register.queries import history_of
from projects.disputes.actions import opening, ruling
from projects.disputes.jobs import guard
from projects.disputes.rules import State
from projects.fulfilment.queries import fulfilment_of
from projects.fulfilment.termination.actions import NewTermination
from projects.fulfilment.termination.actions import answer as answer_termination
from projects.fulfilment.termination.actions import ask as ask_termination
from tests.contracts.award import acts_of
from tests.disputes.case import Case
from tests.disputes.test_dispute_pages import links


async def delivered(case: Case) -> None:
    await deliver_results(case.world, case.award.number, case.agency)


async def test_what_is_held_stays_held_through_acceptance_and_is_then_divided(case: Case) -> None:
    await case.pay()
    await delivered(case)
    dispute = await case.open(None, None, "检验记录")
    await accept_delivery(case.world, case.award.number, case.owner)
    await case.world.run_until(case.world.now + timedelta(days=1))
    assert (await case.money()).standing is Standing.HELD
    part = dispute.amount_fen // 4
    ruled = await case.ruled(part, dispute)
    assert (ruled.state, ruled.refund_fen) == (State.EXECUTING, part)
    done = await case.finish(dispute)
    money = await case.money()
    assert (done.state, money.refunded_fen, money.settled_fen) == (State.EXECUTED, part, dispute.amount_fen - part)
    assert money.standing is Standing.RELEASED
    await case.till.sound()
    kinds = [one.kind for one in await history_of(case.award.number) if one.kind.startswith("dispute.")]
    assert kinds == [
        "dispute.opened", "dispute.answered", "dispute.taken", "dispute.referred", "dispute.prepared", "dispute.heard",
        "dispute.heard", "dispute.ruled", "dispute.executed",
    ]  # fmt: skip


async def test_silence_accepts_nothing_while_it_is_disputed(case: Case) -> None:
    await case.pay()
    await delivered(case)
    before = await fulfilment_of(case.award.number)
    assert before is not None
    assert before.last is not None
    dispute = await case.open()
    await case.world.run_until(before.last.answer_due_at + timedelta(days=20))
    during = await fulfilment_of(case.award.number)
    assert during is not None
    assert (during.step, during.last and during.last.reminded) == (None, 0)
    await acts.withdraw(case.world, await case.now(dispute), case.owner)
    after = await fulfilment_of(case.award.number)
    assert after is not None
    assert after.last is not None
    left = case.world.calendar.working_days_between(
        case.world.now, after.last.answer_due_at - timedelta(microseconds=1)
    )
    assert left == before.terms.silence_days
    await case.world.run_until(after.last.answer_due_at + timedelta(days=3))
    assert (await case.finish(dispute)).state is State.WITHDRAWN
    assert (await case.money()).standing is Standing.RELEASED


async def test_a_delivery_can_still_be_returned_while_the_time_stands(case: Case) -> None:
    await delivered(case)
    await case.open()
    await case.world.run_until(case.world.now + timedelta(days=40))
    await return_results(case.world, case.award.number, case.owner)
    assert await acts_of(case.award.number, "delivery.returned") == 1


async def test_an_agreement_found_by_the_operator(case: Case) -> None:
    await case.pay()
    dispute = await case.open()
    await acts.answer(case.world, dispute, case.agency, "补充成果")
    part = dispute.amount_fen // 10
    await acts.propose(case.world, dispute, case.operator, part)
    assert (await acts.reply(case.world, dispute, case.owner, accepts=True)).state is State.MEDIATION
    assert (await acts.reply(case.world, dispute, case.agency, accepts=True)).outcome == "agreement"
    assert (await case.finish(dispute)).state is State.EXECUTED
    assert (await case.money()).refunded_fen == part


async def test_one_side_proposes_and_the_other_accepts(case: Case) -> None:
    """Without anybody else, before the dispute is answered."""
    await case.pay()
    dispute = await case.open()
    await acts.propose(case.world, dispute, case.agency, dispute.amount_fen)
    with pytest.raises(Refusal, match=r"dispute\.proposal_waits"):
        await acts.propose(case.world, dispute, case.owner, 0)
    with pytest.raises(Refusal, match=r"dispute\.proposal_answered"):
        await acts.reply(case.world, dispute, case.agency, accepts=True)
    await acts.reply(case.world, dispute, case.owner, accepts=True)
    assert (await case.finish(dispute)).state is State.EXECUTED
    assert (await case.money()).standing is Standing.REFUNDED


async def test_a_refused_proposal_goes_to_the_regulator(case: Case) -> None:
    dispute = await case.open()
    await acts.answer(case.world, dispute, case.agency)
    await acts.propose(case.world, dispute, case.operator, 100)
    referred = await acts.reply(case.world, dispute, case.agency, accepts=False)
    assert (referred.state, referred.referral) == (State.REFERRED, "refused")
    with pytest.raises(Refusal, match=r"dispute\.moved_on"):
        await acts.propose(case.world, dispute, case.operator, 200)


async def test_times_that_run_out(case: Case) -> None:
    """Nobody answers, nobody mediates, nobody speaks: the regulator rules all the same, and is late."""
    dispute = await case.open()
    await case.world.run_until(dispute.answer_due_at)
    waiting = await case.now(dispute)
    assert waiting.state is State.MEDIATION
    assert waiting.mediation_due_at is not None
    await acts.answer(case.world, waiting, case.agency)
    await case.world.run_until(waiting.mediation_due_at)
    referred = await case.now(dispute)
    assert (referred.state, referred.referral) == (State.REFERRED, "unmediated")
    await acts.prepare(case.world, referred, case.regulator)
    with pytest.raises(Refusal, match=r"dispute\.not_heard"):
        await acts.rule(case.world, referred, case.regulator, 0)
    with pytest.raises(Refusal, match=r"dispute\.evidence_closed"):
        await opening.add_evidence(
            dispute.number, (), viewer=case.owner, files=case.world.running.files, now=case.world.now
        )
    heard = await case.now(dispute)
    assert heard.heard_due_at is not None
    assert referred.ruling_due_at is not None
    assert f"{heard.url}/last-word" in await links(case, case.owner)
    await case.world.run_until(referred.ruling_due_at + timedelta(days=3))
    with pytest.raises(Refusal, match=r"dispute\.hearing_over"):
        await acts.say_last_word(case.world, heard, case.owner)
    assert f"{heard.url}/last-word" not in await links(case, case.owner), "nobody is sent where it is too late"
    assert (await acts.rule(case.world, heard, case.regulator, 0)).state is State.EXECUTING


async def test_a_proposal_that_nobody_answers(case: Case) -> None:
    dispute = await case.open()
    await acts.answer(case.world, dispute, case.agency)
    offered = await acts.propose(case.world, dispute, case.operator, 100)
    await case.world.run_until(offered.proposals[0].due_at)
    assert (await case.now(dispute)).referral == "lapsed"


async def test_who_may_do_what(case: Case) -> None:
    dispute = await case.open()
    stranger = case.award.losers[0]
    for attempt in (
        acts.answer(case.world, dispute, stranger), acts.withdraw(case.world, dispute, case.agency),
        acts.propose(case.world, dispute, case.regulator, 1), acts.prepare(case.world, dispute, case.operator),
        opening.open_dispute((await case.contract()).number, 1, None, viewer=stranger, files=None, calendar=case.world.calendar,  # type: ignore[arg-type]
                             now=case.world.now),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(Refusal, match=r"dispute\.own"):
        await acts.answer(case.world, dispute, case.owner)
    with pytest.raises(Refusal, match=r"dispute\.not_begun"):
        await acts.open_dispute(case.world, (await case.contract()).number, 2, case.owner, 0)
    with pytest.raises(Refusal, match=r"dispute\.amount"):
        await acts.propose(case.world, dispute, case.owner, dispute.amount_fen + 1)
    with pytest.raises(Refusal, match=r"dispute\.moved_on"):
        await ruling.prepare(dispute.number, viewer=case.regulator, calendar=case.world.calendar, now=case.world.now)


async def test_an_accepted_milestone_can_be_disputed_for_a_year(case: Case) -> None:
    await delivered(case)
    await accept_delivery(case.world, case.award.number, case.owner)
    number, now = (await case.contract()).number, case.world.now
    case.world.clock.set(now + timedelta(days=150))
    dispute = await acts.open_dispute(case.world, number, 1, case.agency, 0)
    await acts.withdraw(case.world, dispute, case.agency)
    case.world.clock.set(now + timedelta(days=367))
    with pytest.raises(Refusal, match=r"dispute\.too_late"):
        await acts.open_dispute(case.world, number, 1, case.agency, 0)


async def test_it_ends_with_its_contract(case: Case) -> None:
    await case.pay()
    dispute = await case.open()
    await ask_termination(
        case.award.number, NewTermination("agreement", "双方协商一致解除合同。", 0), viewer=case.owner,
        calendar=case.world.calendar, now=case.world.now,
    )  # fmt: skip
    await answer_termination(case.award.number, no=1, agrees=True, reason="", viewer=case.agency, now=case.world.now)
    assert (await case.finish(dispute)).state is State.OVERTAKEN
    assert (await case.money()).standing is Standing.REFUNDED
    await case.till.sound()


async def test_somebody_is_told_long_before_alipay_releases_by_itself(case: Case) -> None:
    payment = await case.pay()
    dispute = await case.open()
    assert payment.paid_at is not None
    case.world.clock.set(payment.paid_at + timedelta(days=301))
    assert await guard(case.world.clock) == 1
    assert await guard(case.world.clock) == 0
    assert await case.till.alarms() == ["disputed_for_long"]
    link = f"/disputes/{dispute.number}"
    assert (
        await fetch_value("SELECT count(*) FROM inbox_message WHERE link = $1 AND cause LIKE 'dispute.guard%'", link)
        == 3
    )
