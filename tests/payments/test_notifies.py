"""Notifies that come too early, while we cannot keep them, or about what the market never does. Numbers are those of the
list of failures in docs/payments.md."""

from __future__ import annotations

from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from market.kernel.db import execute, fetch, fetch_value
from market.kernel.ids import new_id
from market.payments.alipay.gateway import Order
from market.payments.rules import PAY_WITHIN, Standing, trade_number
from market.payments.simulator.protocol import signed_notice
from tests.contracts.award import SignIn
from tests.payments.conftest import ADDRESSES, pay
from tests.payments.test_pages import Market, award, market, register_account, sign_in, signed
from tests.payments.test_pages import pay as pay_through_pages
from tests.payments.till import PRICE, Till

__all__ = ["award", "market", "sign_in", "signed"]
pytestmark = pytest.mark.anyio
_INSERT = (
    "INSERT INTO payment (id, payable_id, out_trade_no, means, smid, amount_fen, state, started_by, created_at, expires_at, poll_at)"
    " SELECT $1, p.id, $2, 'page', s.smid, p.amount_fen, 'awaiting', $3, $4, $5, $4 FROM payable p"
    " JOIN sub_merchant s ON s.organisation_id = p.payee_id WHERE p.reference = $6"
)


async def test_02_a_notify_before_our_row_is_committed_is_kept_and_the_poll_books_it(till: Till, database: str) -> None:
    reference, payment_id, now = await till.owe(), new_id(), till.clock.now()
    number, smid = trade_number(payment_id), await fetch_value("SELECT smid FROM sub_merchant")
    other = await asyncpg.connect(database)
    beginning = other.transaction()
    await beginning.start()
    await other.execute(_INSERT, payment_id, number, till.owner.person_id, now, now + PAY_WITHIN, reference)
    order = Order(number, "危房测绘", PRICE, now + PAY_WITHIN, smid)
    await pay(till.browser, till.gateway.pay_url(order, ADDRESSES, phone=False, now=now))
    await till.alipay.tick()
    assert till.outcomes == ["unknown_order"]
    assert await till.alarms() == ["unknown_order"]
    await beginning.commit()
    await other.close()
    (row,) = await fetch("SELECT id FROM payment")
    from market.payments.actions.trades import poll

    await poll(row["id"], gateway=till.gateway, now=till.clock.now())
    assert (await till.see(reference)).standing is Standing.HELD
    await till.sound()


async def test_02_a_notify_before_the_buyer_is_back_is_what_the_page_then_shows(
    market: Market, sign_in: SignIn
) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    await register_account(market, agency)
    payable = await market.payable()
    back = await pay_through_pages(market, owner, payable.url)
    await market.alipay.tick()
    assert (await market.payable()).standing is Standing.HELD
    returned = await owner.get(back.headers["location"].removeprefix("http://127.0.0.1:8000"))
    shown = await owner.get(returned.headers["location"])
    assert "支付宝保管中" in shown.text
    assert "正在向支付宝查询" not in shown.text


async def test_31_alipay_hears_no_success_until_it_is_kept(market: Market, sign_in: SignIn) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    await register_account(market, agency)
    payable = await market.payable()
    await pay_through_pages(market, owner, payable.url)
    # While the inbox cannot be written, the page answers with an error, and Alipay comes again by its schedule.
    await execute("ALTER TABLE notify_inbox RENAME TO gone")
    await market.alipay.tick()
    (waiting,) = [one for one in market.alipay.books.notices() if one.next_at]
    assert waiting.tries == 1
    assert (await market.payable()).standing is Standing.PAYING
    assert await fetch_value("SELECT count(*) FROM ledger_entry") == 0
    await execute("ALTER TABLE gone RENAME TO notify_inbox")
    market.award.world.clock.advance(minutes=4)
    await market.alipay.tick()
    assert (await market.payable()).standing is Standing.HELD
    assert [one for one in market.alipay.books.notices() if one.next_at] == []


UNKNOWN = {
    "a transfer that bounced": {
        "msg_method": "alipay.fund.trans.order.changed", "notify_id": "n1", "utc_timestamp": "1781600000000",
        "biz_content": '{"status":"REFUND","out_biz_no":"T1","trans_amount":"1234.50","sub_order_fail_reason":"收款方已退回"}'},
    "a kind that is new": {"notify_type": "open_app_something", "notify_id": "n2", "total_amount": "1234.50"},
    "a payment in everything but its kind": {"notify_id": "n3", "trade_status": "TRADE_SUCCESS", "total_amount": "1234.50"},
}  # fmt: skip


@pytest.mark.parametrize("what", UNKNOWN)
async def test_33_what_the_market_does_not_know_is_kept_and_shown_and_moves_nothing(till: Till, what: str) -> None:
    reference, payment = await till.pay()
    before = await till.payment(payment), await fetch_value("SELECT count(*) FROM ledger_entry")
    mine = till.alipay.identity
    facts = {
        **UNKNOWN[what],
        "app_id": mine.app_id,
        "out_trade_no": payment.out_trade_no,
        "trade_no": payment.trade_no or "",
    }
    raw = urlencode(signed_notice(facts, mine)).encode()
    answer = await till.receive(httpx.Request("POST", ADDRESSES.notify_url, content=raw))
    assert answer.content == b"success"
    assert till.outcomes[-1] == "unknown_kind"
    assert await till.alarms() == ["unknown_notify"]
    assert await fetch_value("SELECT count(*) FROM notify_inbox WHERE outcome = 'unknown_kind'") == 1
    assert (await till.payment(payment), await fetch_value("SELECT count(*) FROM ledger_entry")) == before
    assert (await till.see(reference)).standing is Standing.HELD
    await till.sound()
