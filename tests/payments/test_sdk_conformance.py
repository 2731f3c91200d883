"""Alipay's own SDK, unchanged, against the simulator over a real socket: so the simulator is held to Alipay's protocol
and not to our reading of it.

The SDK knows no port but 80 (a port in the address makes it fail), so what it dials is led to the simulator's port where
sockets are opened; no line of the SDK is replaced.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.domain.AlipayTradePagePayModel import AlipayTradePagePayModel
from alipay.aop.api.domain.AlipayTradeQueryModel import AlipayTradeQueryModel
from alipay.aop.api.domain.AlipayTradeRefundModel import AlipayTradeRefundModel
from alipay.aop.api.domain.SettleDetailInfo import SettleDetailInfo
from alipay.aop.api.domain.SettleInfo import SettleInfo
from alipay.aop.api.domain.SubMerchant import SubMerchant
from alipay.aop.api.exception.Exception import ResponseException
from alipay.aop.api.request.AlipayTradePagePayRequest import AlipayTradePagePayRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.response.AlipayTradeQueryResponse import AlipayTradeQueryResponse
from alipay.aop.api.response.AlipayTradeRefundResponse import AlipayTradeRefundResponse
from alipay.aop.api.util.SignatureUtils import get_sign_content, verify_with_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from market.kernel.calendar import BEIJING
from market.kernel.clock import FixedClock, wall_now
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import Identity
from tests.payments.conftest import Letterbox

pytestmark = pytest.mark.anyio

HOST = "127.0.0.2"  # as "openapi.alipay.com" in the SDK's configuration: a name, dialled at port 80


@pytest.fixture
def served(identity: Identity) -> Iterator[tuple[Simulator, int, Letterbox]]:
    """The simulator on a socket, in a thread with a loop of its own. The SDK stamps its requests with local time."""
    letterbox = Letterbox()
    clock = FixedClock(wall_now())
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    simulator = Simulator(
        identity, Books(None), clock, f"http://127.0.0.1:{port}", reach=httpx.MockTransport(letterbox)
    )
    server = uvicorn.Server(uvicorn.Config(simulator, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    while not server.started:
        thread.join(timeout=0.01)
    yield simulator, port, letterbox
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def sdk(
    served: tuple[Simulator, int, Letterbox], identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DefaultAlipayClient]:
    dial = socket.create_connection

    def led(address: tuple[str, int], *rest: Any, **options: Any) -> socket.socket:
        return dial(("127.0.0.1", served[1]) if address == (HOST, 80) else address, *rest, **options)

    monkeypatch.setattr(socket, "create_connection", led)
    # Local time is what the SDK stamps; Alipay reads it as Beijing's.
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    config = AlipayClientConfig()
    config.server_url = f"http://{HOST}/gateway.do"
    config.app_id = identity.app_id
    config.app_private_key = identity.merchant_key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()
    config.alipay_public_key = public_pem(identity)
    yield DefaultAlipayClient(config)
    monkeypatch.undo()
    time.tzset()


def public_pem(identity: Identity) -> str:
    key = identity.alipay_key.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def page_pay(sdk: DefaultAlipayClient, number: str) -> str:
    model = AlipayTradePagePayModel()
    model.out_trade_no, model.total_amount, model.subject = number, "88.88", "测绘 第一期"
    model.product_code = "FAST_INSTANT_TRADE_PAY"
    model.sub_merchant = SubMerchant()
    model.sub_merchant.merchant_id = "2088000000000001"
    detail, model.settle_info = SettleDetailInfo(), SettleInfo()
    detail.trans_in_type, detail.amount = "defaultSettle", "88.88"
    model.settle_info.settle_detail_infos, model.settle_info.settle_period_time = [detail], "300d"
    request = AlipayTradePagePayRequest(biz_model=model)
    request.notify_url, request.return_url = "http://127.0.0.1:8000/n", "http://127.0.0.1:8000/r"
    return str(sdk.page_execute(request, http_method="GET"))


def query(sdk: DefaultAlipayClient, number: str) -> AlipayTradeQueryResponse:
    model = AlipayTradeQueryModel()
    model.out_trade_no = number
    response = AlipayTradeQueryResponse()
    response.parse_response_content(sdk.execute(AlipayTradeQueryRequest(biz_model=model)))
    return response


def test_the_unmodified_sdk_pays_queries_and_refunds(sdk, served, identity) -> None:
    assert query(sdk, "C1").sub_code == "ACQ.TRADE_NOT_EXIST"
    address = page_pay(sdk, "C1").replace(f"http://{HOST}", f"http://127.0.0.1:{served[1]}")
    with httpx.Client(trust_env=False) as buyer:
        cashier = buyer.get(address).headers["location"]
        buyer.post(cashier, data={"step": "identify"})
        assert query(sdk, "C1").trade_status == "WAIT_BUYER_PAY"
        back = httpx.URL(buyer.post(cashier, data={"step": "pay"}).headers["location"])
    found = query(sdk, "C1")
    assert (found.trade_status, found.total_amount, found.subject) == ("TRADE_SUCCESS", "88.88", "测绘 第一期")
    returned = dict(back.params)
    sign, _ = returned.pop("sign"), returned.pop("sign_type")
    assert verify_with_rsa(public_pem(identity), get_sign_content(returned).encode(), sign)
    model = AlipayTradeRefundModel()
    model.out_trade_no, model.out_request_no, model.refund_amount = "C1", "R1", "8.88"
    response = AlipayTradeRefundResponse()
    response.parse_response_content(sdk.execute(AlipayTradeRefundRequest(biz_model=model)))
    assert (response.fund_change, response.refund_fee) == ("Y", "8.88")


async def test_the_sdk_verifies_the_simulator_s_notifies(sdk, served, identity) -> None:
    simulator, port, letterbox = served
    address = page_pay(sdk, "C2").replace(f"http://{HOST}", f"http://127.0.0.1:{port}")
    async with httpx.AsyncClient(trust_env=False) as buyer:
        cashier = (await buyer.get(address)).headers["location"]
        await buyer.post(cashier, data={"step": "identify"})
        await buyer.post(cashier, data={"step": "pay"})
    await simulator.tick()
    form = dict(httpx.QueryParams(letterbox.received[0].decode()))
    sign, _ = form.pop("sign"), form.pop("sign_type")
    assert form["trade_status"] == "TRADE_SUCCESS"
    assert verify_with_rsa(public_pem(identity), get_sign_content(form).encode(), sign)


def test_the_sdk_refuses_what_the_simulator_spoils(sdk, served) -> None:
    for kind in ("bad_sign", "sign_first", "unsigned", "html200"):
        served[0].faults.add("alipay.trade.query", kind)
        with pytest.raises(ResponseException):
            query(sdk, "C3")


def test_a_call_signed_with_another_key_is_refused_without_a_signature(sdk, served) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{served[1]}/gateway.do", trust_env=False,
        data={"app_id": "2021000000000001", "method": "alipay.trade.query", "sign_type": "RSA2", "sign": "AAAA",
              "charset": "utf-8", "timestamp": wall_now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")},
    )  # fmt: skip
    assert json.loads(answer.text) == {"alipay_trade_query_response": {
        "code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": "无效签名"}}  # fmt: skip
