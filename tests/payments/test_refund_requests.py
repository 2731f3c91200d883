"""Money that the owner asks back while Alipay holds it: agreed, refused, withdrawn, overtaken, and what Alipay makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.cli.audit.comparing import compare
from market.cli.audit.payments import COMPARERS
from market.kernel.errors import NotFound, Refusal
from market.payments.actions import refunding
from market.payments.queries import RefundView, refund_requests_of
from market.payments.rules import Standing, State, check_refund_request
from tests.contracts.award import SignIn
from tests.payments.test_pages import Market, award, market, pay, register_account, sign_in, signed
from tests.payments.till import PRICE, Till, stranger

__all__ = ["award", "market", "sign_in", "signed"]
pytestmark = pytest.mark.anyio


async def ask(till: Till, reference: str, amount: int = 23_450) -> None:
    await refunding.ask(reference, amount, reason="部分工作量取消", viewer=till.owner, now=till.clock.now())


async def answer(till: Till, reference: str, *, agrees: bool) -> None:
    reason = "" if agrees else "工作已完成"
    await refunding.answer(reference, agrees=agrees, reason=reason, viewer=till.agency, now=till.clock.now())


async def latest(till: Till, reference: str) -> RefundView:
    return (await refund_requests_of((await till.see(reference)).id))[0]


async def sound(till: Till) -> None:
    await till.sound()
    assert [one.members() for comparer in COMPARERS for one in await compare(comparer)] == []


async def test_agreed_it_goes_back_and_the_rest_is_released(till: Till) -> None:
    reference, payment = await till.pay()
    await ask(till, reference)
    with pytest.raises(Refusal):
        await ask(till, reference)
    with pytest.raises(NotFound):
        await refunding.answer(reference, agrees=True, reason="", viewer=stranger(), now=till.clock.now())
    await answer(till, reference, agrees=True)
    assert (await latest(till, reference)).executed == "reserved"
    await till.work()
    assert (await latest(till, reference)).executed == "done"
    await till.release(reference)
    await till.work()
    after = await till.payment(payment)
    assert (after.refunded_fen, after.settled_fen) == (23_450, PRICE - 23_450)
    await sound(till)


async def test_refused_and_withdrawn_nothing_moves(till: Till) -> None:
    reference, payment = await till.pay()
    await ask(till, reference)
    await answer(till, reference, agrees=False)
    till.clock.advance(minutes=1)
    await ask(till, reference)
    await refunding.withdraw(reference, viewer=till.owner, now=till.clock.now())
    assert [one.answer for one in await refund_requests_of((await till.see(reference)).id)] == ["withdrawn", "refused"]
    assert (await till.payment(payment)).left_fen == PRICE
    await sound(till)


async def test_an_acceptance_overtakes_it(till: Till) -> None:
    reference, _ = await till.pay()
    await ask(till, reference)
    await till.release(reference)
    assert (await latest(till, reference)).answer == "overtaken"
    with pytest.raises(NotFound):
        await answer(till, reference, agrees=True)
    with pytest.raises(Refusal) as refusal:
        await ask(till, reference)
    assert refusal.value.code == "refund.released"
    await sound(till)


async def test_what_alipay_refuses_is_shown(till: Till) -> None:
    reference, payment = await till.pay()
    trade = till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    trade.status = "TRADE_FINISHED"
    await ask(till, reference)
    await answer(till, reference, agrees=True)
    await till.work()
    shown = await latest(till, reference)
    assert (shown.executed, shown.refusal) == ("rejected", "ACQ.TRADE_HAS_FINISHED")
    assert (await till.see(reference)).standing is Standing.HELD
    await sound(till)


async def test_through_the_pages(market: Market, sign_in: SignIn) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    await register_account(market, agency)
    payable = await market.payable()
    await pay(market, owner, payable.url)
    await market.pass_time(seconds=1)
    asked = {"refund": "10.00", "refund_reason": "双方商定减少一个测点"}
    too_much = await owner.send_form(f"{payable.url}/refund-requests", asked | {"refund": "99999999"})
    assert too_much.status_code == 409
    assert 'value="99999999"' in too_much.text, "the form comes back as it was typed"
    assert "双方商定减少一个测点</textarea>" in too_much.text
    assert (await owner.send_form(f"{payable.url}/refund-requests", asked)).status_code == 303
    assert "双方商定减少一个测点" in (await agency.get(payable.url)).text
    assert (
        await agency.send_form(f"{payable.url}/refund-requests/answer", {"refund_answer": "refuse"})
    ).status_code == 422
    agreed = await agency.send_form(f"{payable.url}/refund-requests/answer", {"refund_answer": "agree"})
    assert agreed.status_code == 303
    await market.pass_time(seconds=1)
    await market.pass_time(seconds=1)
    assert "已退款" in (await owner.get(payable.url)).text


@settings(deadline=None)
@given(st.none() | st.sampled_from(State), st.integers(0, 10), st.integers(1, 12), st.booleans(), st.booleans())
def test_only_held_money_can_be_asked_back(
    state: State | None, left: int, amount: int, accepted: bool, waits: bool
) -> None:
    facts = {"state": state, "left_fen": left, "amount_fen": amount, "accepted": accepted, "waits": waits}
    if state is State.HELD and amount <= left and not accepted and not waits:
        check_refund_request(**facts)  # type: ignore[arg-type]
    else:
        with pytest.raises(Refusal):
            check_refund_request(**facts)  # type: ignore[arg-type]
