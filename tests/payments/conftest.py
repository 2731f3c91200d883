"""A simulated Alipay in memory, and the real adapter speaking its signed protocol to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from market.kernel.clock import FixedClock
from market.payments.alipay.client import Account, Client
from market.payments.alipay.gateway import Addresses, Gateway, Order
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import Identity, new_identity
from tests.beginnings import begins_with
from tests.contracts.award import drawn

ADDRESS = "http://127.0.0.1:8001"
beginning = begins_with({"award": drawn})
ADDRESSES = Addresses("http://127.0.0.1:8000/payments/alipay/notify", "http://127.0.0.1:8000/payments/alipay/return")


@dataclass
class Letterbox:
    """Where the simulator's notifies arrive: keeps them, and answers as it is told."""

    answers: list[bytes] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request.content)
        return httpx.Response(200, content=self.answers.pop(0) if self.answers else b"success")


async def silence() -> None:
    """What the caller of a gateway that never answers sees in the end."""
    raise httpx.ReadTimeout("no answer")


@pytest.fixture(scope="session")
def identity() -> Identity:
    return new_identity()


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
async def alipay(identity: Identity, clock: FixedClock, letterbox: Letterbox) -> AsyncIterator[Simulator]:
    made = Simulator(
        identity, Books(None), clock, ADDRESS, reach=httpx.MockTransport(letterbox), hanging=silence
    )  # fmt: skip
    yield made
    await made.close()


def account_at(identity: Identity, **changes: Any) -> Account:
    facts = {
        "url": f"{ADDRESS}/gateway.do", "app_id": identity.app_id, "seller_id": identity.seller_id,
        "key": identity.merchant_key, "alipay_keys": (identity.alipay_key.public_key(),),
    }  # fmt: skip
    return Account(**{**facts, **changes})


@pytest.fixture
async def gateway(alipay: Simulator, identity: Identity) -> AsyncIterator[Gateway]:
    client = Client(account_at(identity), transport=httpx.ASGITransport(app=alipay))
    yield Gateway(client)
    await client.close()


@pytest.fixture
async def browser(alipay: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=alipay), base_url=ADDRESS) as visitor:
        yield visitor


def order(now: datetime, number: str = "P0001", amount: int = 123_450, *, smid: str = "2088000000000001") -> Order:
    return Order(number, "测绘 <第一期> emoji 🗺️", amount, now + timedelta(hours=2), smid)


async def open_cashier(browser: httpx.AsyncClient, url: str) -> str:
    """The buyer follows the market's redirect; returns the cashier's path."""
    answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def pay(browser: httpx.AsyncClient, url: str) -> httpx.Response:
    """The buyer identifies himself and pays; returns the redirect back to the market."""
    cashier = await open_cashier(browser, url)
    await browser.post(cashier, data={"step": "identify"})
    return await browser.post(cashier, data={"step": "pay"})


@pytest.fixture
async def till(
    database: str, alipay: Simulator, gateway: Gateway, browser: httpx.AsyncClient, clock: FixedClock
) -> AsyncIterator[Any]:
    """A till whose agency can be paid."""
    from market.payments.opening import put_in_force
    from tests.payments.till import Till, party

    made = Till(clock, alipay, gateway, browser, await party("public_body", 11), await party("agency", 12))
    alipay.messenger.http = httpx.AsyncClient(transport=httpx.MockTransport(made.receive))
    put_in_force(gateway)
    await made.onboard()
    yield made
    put_in_force(None)
    await alipay.messenger.http.aclose()
