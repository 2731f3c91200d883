"""What becomes of payments while an agency's account is not (or not any more) confirmed by Alipay."""

from __future__ import annotations

import json

import pytest

from market.kernel.db import fetch_one, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.payments.actions import accounts
from market.payments.actions.asking import ask_onboarding
from market.payments.actions.payables import register_account
from market.payments.rules import Standing
from tests.contracts.award import SignIn
from tests.payments.test_pages import Market, award, market, sign_in, signed
from tests.payments.till import Till

__all__ = ["award", "market", "sign_in", "signed"]
pytestmark = pytest.mark.anyio
CONTROL = {"content-type": "application/json"}


async def decide(till: Till, status: str, reason: str = "") -> None:
    """Alipay makes up its mind, as the simulator is told."""
    wanted = json.dumps({"account": "agency@demo", "status": status, "reason": reason})
    assert (await till.browser.post("/control", content=wanted, headers=CONTROL)).status_code == 200


async def state(till: Till) -> str:
    found: str = await fetch_value("SELECT state FROM sub_merchant")
    return found


async def test_a_frozen_account_is_paid_nothing_and_given_nothing_until_it_works_again(till: Till) -> None:
    reference, _ = await till.pay()
    await decide(till, "frozen")
    await till.release(reference)
    await till.work()
    assert await state(till) == "frozen"
    assert sorted(await till.alarms()) == ["account_frozen", "rejected"]
    assert (await till.see(reference)).standing is Standing.HELD
    with pytest.raises(Refusal, match="payee_not_ready"):
        await till.start(await till.owe())
    await decide(till, "works")
    account = await fetch_value("SELECT id FROM sub_merchant")
    await accounts.set_working(account, now=till.clock.now())
    with pytest.raises(NotFound):
        await accounts.set_working(account, now=till.clock.now())
    await till.work()
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_a_frozen_account_cannot_be_paid_at_the_cashier_either(till: Till) -> None:
    payment = await till.start(await till.owe())
    await decide(till, "frozen")
    await till.buyer_pays(payment)
    await till.alipay.tick()
    assert (await till.payment(payment)).paid_fen == 0


async def test_alipay_s_reason_is_kept_and_another_account_may_be_registered(market: Market, sign_in: SignIn) -> None:
    agency, owner = await sign_in(market.award.winner), await sign_in(market.award.owner)
    await agency.send_form("/payments/account", {"logon_id": "agency@demo", "own": "on"})
    payable = await market.payable()
    assert "尚未确认" in (await owner.get(payable.url)).text
    await market.pass_time(seconds=1)
    assert "审核" in (await agency.get("/payments/account")).text
    wanted = json.dumps({"account": "agency@demo", "status": "refused", "reason": "营业执照与账户主体不一致"})
    await market.buyer.post("/control", content=wanted, headers=CONTROL)
    await market.pass_time(minutes=5)
    page = (await agency.get("/payments/account")).text
    assert "营业执照与账户主体不一致" in page
    assert "重新登记" in page
    assert "银行转账" in (await owner.get(payable.url)).text
    again = await agency.send_form("/payments/account", {"logon_id": "other@demo", "own": "on"})
    assert again.status_code == 303
    assert await fetch_value("SELECT refusal FROM sub_merchant") == ""


async def test_the_state_goes_through_its_stations(till: Till) -> None:
    await register_account("owner@demo", viewer=till.owner, now=till.clock.now())
    mine = "SELECT id, state, smid FROM sub_merchant WHERE logon_id = 'owner@demo'"
    seen = [(await fetch_one(mine) or {})["state"]]
    await till.work()
    row = await fetch_one(mine)
    assert row is not None
    seen.append(row["state"])
    till.clock.advance(minutes=5)
    await till.alipay.tick()
    await ask_onboarding(row["id"], gateway=till.gateway, now=till.clock.now())
    seen.append((await fetch_one(mine) or {})["state"])
    assert seen == ["asked", "reviewing", "active"]
