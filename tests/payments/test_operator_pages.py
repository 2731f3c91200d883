"""The operator's pages of money: what is wrong and what to do about it, and a day that cannot be closed before that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.demo.agencies import operator_of
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.payments.actions.alarms import raise_alarm
from market.payments.panels import alarm_facts
from market.payments.rules import bill_due_at
from tests.contracts.award import SignIn
from tests.payments.test_pages import Market, award, market, pay, register_account, sign_in, signed

__all__ = ["award", "market", "sign_in", "signed"]
pytestmark = pytest.mark.anyio


async def test_differences_and_alarms_say_what_to_do_and_keep_the_day_open(market: Market, sign_in: SignIn) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    operator = await sign_in(await operator_of(market.award.world))
    await register_account(market, agency)
    payable = await market.payable()
    await pay(market, owner, payable.url)
    await market.pass_time(seconds=1)
    day = beijing_date(await fetch_value("SELECT paid_at FROM payment"))
    trade = next(market.alipay.books.trades())
    trade.total -= 100  # Alipay's bill tells another amount
    market.award.world.clock.set(bill_due_at(day) + timedelta(minutes=1))
    await market.award.world.settle()
    number = await fetch_value("SELECT out_trade_no FROM payment")
    async with transaction():
        await raise_alarm("amount_differs", number, {"expected_fen": 100, "given_fen": 1}, now=market.award.world.now)
    overview = (await operator.get("/operator/payments")).text
    for words in ("金额不一致", "系统已立即向支付宝查询实付金额", "¥1.00", payable.reference, str(day)):
        assert words in overview, words
    page = f"/operator/payments/{day}"
    (one,) = await fetch("SELECT id FROM bill_break")
    assert payable.reference in (await operator.get(page)).text
    assert (await operator.send_form(f"{page}/close")).status_code == 409
    missing = await operator.send_form(f"{page}/breaks/{one['id']}")
    assert missing.status_code == 422
    assert "处理办法" in missing.text or "请与支付宝交易记录核对" in missing.text
    done = {f"break_{one['id']}": "已与支付宝核实，账单将更正"}
    assert (await operator.send_form(f"{page}/breaks/{one['id']}", done)).status_code == 303
    assert (await operator.send_form(f"{page}/close")).status_code == 303
    (alarm,) = await fetch("SELECT id FROM payment_alarm WHERE resolved_at IS NULL")
    settled = {f"alarm_{alarm['id']}": "已向支付宝客服核实"}
    assert (await operator.send_form(f"/operator/payment-alarms/{alarm['id']}")).status_code == 422
    assert (await operator.send_form(f"/operator/payment-alarms/{alarm['id']}", settled)).status_code == 303
    assert payable.reference not in (await operator.get("/operator/payments")).text


async def test_every_kind_of_alarm_and_difference_has_its_words(market: Market, sign_in: SignIn) -> None:
    """Kinds come from the constraints, so that a new one cannot be forgotten."""
    operator = await sign_in(await operator_of(market.award.world))
    rules = await fetch_value(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'payment_alarm_kind'"
    )
    kinds = [
        part for part in rules.split("'") if part.replace("_", "").isalpha() and part.islower() and " " not in part
    ]
    for place, kind in enumerate(kinds):
        async with transaction():
            await raise_alarm(kind, f"X{place}", {}, now=market.award.world.now)
    page = await operator.get("/operator/payments")
    assert page.status_code == 200
    assert await fetch_value("SELECT count(*) FROM payment_alarm") == len(kinds) >= 13
    assert all(f"X{place}<" in page.text for place in range(len(kinds)))
    await execute("DELETE FROM payment_alarm")


def test_facts_are_shown_in_words() -> None:
    shown = dict(
        alarm_facts({"amount_fen": 123_450, "tries": 6, "settles_at": "2026-06-16T04:00:00+00:00", "last": None})
    )
    assert shown["金额"] == "¥1,234.50"
    assert "12:00" in shown["支付宝自动放款时间"]
    assert shown["尝试次数"] == "6"
    assert len(shown) == 3
