"""A contract in force with two milestones, a regulator in whose field it lies, and a simulated Alipay that pays for them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from market.demo.world import World
from market.kernel.clock import FixedClock
from market.payments.alipay.gateway import Gateway
from market.payments.opening import put_in_force
from market.payments.simulator.app import Simulator
from tests.beginnings import Beginning, begins_with
from tests.contracts.conftest import sign_in
from tests.disputes.case import Case, contested, recall_case
from tests.payments.conftest import alipay, browser, gateway, identity, letterbox
from tests.payments.till import Till

__all__ = ["alipay", "browser", "gateway", "identity", "letterbox", "sign_in"]

beginning = begins_with({"case": contested})


@pytest.fixture
async def case(
    beginning: Beginning,
    world: World,
    alipay: Simulator,
    gateway: Gateway,
    browser: httpx.AsyncClient,
    clock: FixedClock,
) -> AsyncIterator[Case]:
    made = recall_case(beginning, world)
    made.till = Till(clock, alipay, gateway, browser, made.owner, made.agency)
    alipay.messenger.http = httpx.AsyncClient(transport=httpx.MockTransport(made.till.receive))
    put_in_force(gateway)
    await made.till.onboard()
    yield made
    put_in_force(None)
    await alipay.messenger.http.aclose()
