"""From the contract to the final payment through the pages, with Alipay's part played by the simulator over its own
protocol; and every page for everybody who might ask for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from market.demo.agencies import operator_of
from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch_value
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.opening import put_in_force
from market.payments.queries import PayableView, faults_of_the_ledger, payables_about
from market.payments.rules import Standing, bill_due_at
from market.payments.simulator.app import Simulator
from market.payments.simulator.identity import Identity
from tests.access.payments import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.conftest import award, sign_in
from tests.contracts.test_access import cast
from tests.payments.conftest import account_at
from tests.visitor import Visitor, transport_to

__all__ = ["award", "sign_in"]
pytestmark = pytest.mark.anyio


@dataclass
class Market:
    """A contract in force, and an Alipay that reaches the market's own notify page."""

    award: Award
    alipay: Simulator
    buyer: httpx.AsyncClient

    async def payable(self) -> PayableView:
        (found,) = await payables_about(self.award.number)
        return found

    async def pass_time(self, **delta: int) -> None:
        """Both sides' time: Alipay first says what it has to say, then the market does what is due."""
        self.award.world.clock.advance(**delta)
        await self.alipay.tick()
        await self.award.world.settle()


@pytest.fixture
def signed() -> bool:
    """Whether the contract is in force already."""
    return True


@pytest.fixture
async def market(
    award: Award, site: Litestar, alipay: Simulator, identity: Identity, signed: bool
) -> AsyncIterator[Market]:
    alipay.messenger.http = httpx.AsyncClient(transport=transport_to(site))
    client = Client(account_at(identity), transport=httpx.ASGITransport(app=alipay))
    put_in_force(Gateway(client))
    await award.run_past_notice()
    if signed:
        await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=alipay), base_url="http://127.0.0.1:8001") as buyer:
        yield Market(award, alipay, buyer)
    put_in_force(None)
    await client.close()
    await alipay.messenger.http.aclose()


async def register_account(market: Market, agency: Visitor) -> None:
    answer = await agency.send_form("/payments/account", {"logon_id": "agency@demo", "own": "on"})
    assert answer.status_code == 303
    await market.pass_time(minutes=5)
    await market.pass_time(minutes=5)
    assert "已确认" in (await agency.get("/payments/account")).text


async def pay(market: Market, owner: Visitor, url: str) -> httpx.Response:
    """Prepares, follows the link to the cashier, pays; returns the way back."""
    assert (await owner.send_form(f"{url}/trades", {"means": "page"})).status_code == 303
    page = await owner.get(url)
    assert f'href="{url}/cashier"' in page.text
    to_alipay = await owner.get(f"{url}/cashier")
    assert to_alipay.status_code == 303
    cashier = (await market.buyer.get(to_alipay.headers["location"])).headers["location"]
    await market.buyer.post(cashier, data={"step": "identify"})
    return await market.buyer.post(cashier, data={"step": "pay"})


async def test_from_the_contract_to_the_final_payment(market: Market, sign_in: SignIn, client: Visitor) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    operator = await sign_in(await operator_of(market.award.world))
    payable = await market.payable()
    assert payable.standing is Standing.TO_PAY
    assert "等待业主付款" in (await owner.get(payable.url)).text
    refused = await owner.send_form(f"{payable.url}/trades", {"means": "page"})
    assert refused.status_code == 409  # the agency has no account yet
    await register_account(market, agency)
    back = await pay(market, owner, payable.url)
    path = re.sub(r"^http://127.0.0.1:8000", "", back.headers["location"])
    returned = await owner.get(path)
    assert returned.headers["location"] == f"{payable.url}?back=1"
    assert "正在向支付宝查询" in (await owner.get(returned.headers["location"])).text
    await market.pass_time(seconds=1)
    assert (await market.payable()).standing is Standing.HELD
    assert "支付宝保管中" in (await agency.get("/payments")).text
    await deliver_results(market.award.world, market.award.number, market.award.winner)
    await accept_delivery(market.award.world, market.award.number, market.award.owner)
    await market.pass_time(seconds=1)
    await market.pass_time(seconds=1)
    assert (await market.payable()).standing is Standing.RELEASED
    for visitor in (owner, agency, operator):
        assert "已放款" in (await visitor.get(payable.url)).text
    assert "已放款" in (await client.get(f"/projects/{market.award.number}")).text
    for receipt, said in ((1, "业主已付款，由支付宝保管"), (2, "已放款给中介机构")):
        page = (await agency.get(f"{payable.url}/receipts/{receipt}")).text
        assert said in page
        assert "登记簿第" in page
    assert await faults_of_the_ledger() == []
    await close_the_day(market, operator)


async def close_the_day(market: Market, operator: Visitor) -> None:
    paid_on = beijing_date(await fetch_value("SELECT paid_at FROM payment"))
    market.award.world.clock.set(max(bill_due_at(paid_on), market.award.world.now))
    await market.award.world.settle()
    assert str(paid_on) in (await operator.get("/operator/payments")).text
    page = await operator.get(f"/operator/payments/{paid_on}")
    assert "1 / 1" in page.text
    assert (await operator.send_form(f"/operator/payments/{paid_on}/close")).status_code == 303
    assert "已关账" in (await operator.get(f"/operator/payments/{paid_on}")).text


async def test_a_bank_transfer_is_stated_and_confirmed(market: Market, sign_in: SignIn) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    payable = await market.payable()
    stated = {"amount": payable.amount.yuan_text, "paid_on": "2026-06-16", "bank_reference": "ICBC-20260616-1"}
    assert (await owner.send_form(f"{payable.url}/transfer", {**stated, "amount": "1"})).status_code == 422
    assert (await owner.send_form(f"{payable.url}/transfer", {**stated, "paid_on": "2099-01-01"})).status_code == 422
    assert (await owner.send_form(f"{payable.url}/transfer", stated)).status_code == 303
    assert "转账待确认" in (await agency.get("/payments")).text
    assert (await owner.send_form(f"{payable.url}/trades", {"means": "page"})).status_code == 409
    assert (await agency.send_form(f"{payable.url}/transfer-answer", {"answer": "denied"})).status_code == 422
    denied = {"answer": "denied", "reason": "银行账户未见入账"}
    assert (await agency.send_form(f"{payable.url}/transfer-answer", denied)).status_code == 303
    assert (await market.payable()).standing is Standing.TO_PAY
    assert (await owner.send_form(f"{payable.url}/transfer", {**stated, "bank_reference": "ICBC-2"})).status_code == 303
    assert (await agency.send_form(f"{payable.url}/transfer-answer", {"answer": "confirmed"})).status_code == 303
    assert (await market.payable()).standing is Standing.PAID_BY_BANK
    assert "已银行转账" in (await owner.get(payable.url)).text


async def test_acceptance_says_when_payment_is_due(market: Market) -> None:
    await deliver_results(market.award.world, market.award.number, market.award.winner)
    delivered_at = market.award.world.now
    await accept_delivery(market.award.world, market.award.number, market.award.owner)
    await market.award.world.settle()
    payable = await market.payable()
    assert payable.due_at is not None
    assert (
        timedelta(days=29) < payable.due_at - delivered_at <= timedelta(days=34)
    )  # a public body: 30 days, and to the next working day
    assert payable.release_at is not None


async def test_34_a_forged_notify_gets_no_success_and_leaves_no_trace(market: Market, client: Visitor, caplog) -> None:
    answer = await client.post("/payments/alipay/notify", content=b"out_trade_no=secret-name&sign=AAAA&sign_type=RSA2")
    assert (answer.status_code, answer.text) == (400, "fail")
    assert await fetch_value("SELECT count(*) FROM notify_inbox") == 0
    assert "secret-name" not in caplog.text
    assert (await client.post("/payments/alipay/notify", content=b"x" * 70_000)).status_code in {400, 413}


async def test_everybody_gets_the_answer_that_is_written_down(market: Market, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(market.award)
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    await register_account(market, visitors["winning_agency"])
    payable = await market.payable()
    await pay(market, visitors["owner"], payable.url)
    await market.pass_time(seconds=1)
    day = beijing_date(market.award.world.now)
    market.award.world.clock.set(bill_due_at(day) - timedelta(minutes=1))
    market.alipay.faults.add("alipay.data.dataservice.bill.downloadurl.query", "http502", times=99)
    market.award.world.clock.advance(minutes=1)
    await market.award.world.settle()
    filled = {
        "reference:str": payable.reference,
        "day:str": str(day),
        "break_id:uuid": str(payable.id),
        "alarm_id:uuid": str(payable.id),
        "account_id:uuid": str(payable.id),
    }
    wrong = []
    for (method, path), expected in EXPECTATIONS.items():
        address = path
        for name, value in filled.items():
            address = address.replace(f"{{{name}}}", value)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong.append(
                    f"{method} {path} as {who}: {expected[who]} is written down, {answer.status_code} was the answer"
                )
    assert not wrong, "\n".join(wrong)
