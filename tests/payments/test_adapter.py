"""The adapter against the simulated Alipay: every method, every failure, and what each failure means for money."""

from __future__ import annotations

import io
import logging
import zipfile
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from market.kernel.calendar import beijing_date
from market.kernel.clock import FixedClock
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway, Merchant, fen, title
from market.payments.alipay.notify import Forged, verified
from market.payments.alipay.outcome import Absent, Done, NotExecuted, Rejected, Unknown
from market.payments.simulator.app import Simulator
from market.payments.simulator.identity import Identity, new_identity
from tests.payments.conftest import ADDRESSES, Letterbox, account_at, open_cashier, order, pay

pytestmark = pytest.mark.anyio


def pay_url(gateway: Gateway, clock: FixedClock, number: str = "P0001", *, phone: bool = False) -> str:
    return gateway.pay_url(order(clock.now(), number), ADDRESSES, phone=phone, now=clock.now())


async def paid(gateway: Gateway, browser: httpx.AsyncClient, clock: FixedClock, number: str = "P0001") -> str:
    """A paid trade; returns Alipay's number of it."""
    await pay(browser, pay_url(gateway, clock, number))
    found = await gateway.trade(number, now=clock.now())
    assert isinstance(found, Done)
    return str(found.node["trade_no"])


@pytest.mark.parametrize("phone", [False, True])
async def test_a_page_payment_from_the_link_to_the_return(gateway, browser, clock, identity, phone) -> None:
    url = pay_url(gateway, clock, phone=phone)
    assert isinstance(await gateway.trade("P0001", now=clock.now()), Absent)
    cashier = await open_cashier(browser, url)
    assert "模拟" in (await browser.get(cashier)).text
    # Looking at the cashier makes no trade; the buyer who shows himself does.
    assert isinstance(await gateway.trade("P0001", now=clock.now()), Absent)
    await browser.post(cashier, data={"step": "identify"})
    found = await gateway.trade("P0001", now=clock.now())
    assert isinstance(found, Done)
    assert found.node["trade_status"] == "WAIT_BUYER_PAY"
    back = await browser.post(cashier, data={"step": "pay"})
    query = urlsplit(back.headers["location"]).query.encode()
    returned = verified(query, (identity.alipay_key.public_key(),))
    assert returned["out_trade_no"] == "P0001"
    assert "trade_status" not in returned
    found = await gateway.trade("P0001", now=clock.now())
    assert isinstance(found, Done)
    assert (found.node["trade_status"], fen(found.node["total_amount"])) == ("TRADE_SUCCESS", 123_450)


async def test_the_cashier_speaks_both_languages(gateway, browser, clock) -> None:
    cashier = await open_cashier(browser, pay_url(gateway, clock))
    assert "No money moves here" in (await browser.get(f"{cashier}?language=en")).text
    assert "<第一期>" not in (await browser.get(cashier)).text


async def test_close_and_what_is_closed_cannot_be_paid(gateway, browser, clock) -> None:
    cashier = await open_cashier(browser, pay_url(gateway, clock))
    rejected = await gateway.close("P0001", now=clock.now())
    assert isinstance(rejected, Rejected)
    assert rejected.code == "ACQ.TRADE_NOT_EXIST"
    await browser.post(cashier, data={"step": "identify"})
    assert isinstance(await gateway.close("P0001", now=clock.now()), Done)
    assert (await browser.post(cashier, data={"step": "pay"})).status_code == 409


async def test_17_time_expire_passed_but_the_cashier_is_still_open(gateway, browser, clock, alipay) -> None:
    cashier = await open_cashier(browser, pay_url(gateway, clock))
    await browser.post(cashier, data={"step": "identify"})
    clock.advance(hours=3)
    await alipay.tick()
    assert (await browser.post(cashier, data={"step": "pay"})).status_code == 409
    found = await gateway.trade("P0001", now=clock.now())
    assert isinstance(found, Done)
    assert found.node["trade_status"] == "TRADE_CLOSED"


async def test_refund_once_whatever_is_sent_twice(gateway, browser, clock) -> None:
    await paid(gateway, browser, clock)
    assert isinstance(await gateway.refunded("P0001", "R1", 3_450, now=clock.now()), Absent)
    assert isinstance(await gateway.refund("P0001", "R1", 3_450, "协商", now=clock.now()), Done)
    again = await gateway.refund("P0001", "R1", 3_450, "协商", now=clock.now())
    assert isinstance(again, Unknown)  # fund_change is N: nothing moved by this call
    assert isinstance(await gateway.refunded("P0001", "R1", 3_450, now=clock.now()), Done)
    other = await gateway.refund("P0001", "R1", 3_451, "协商", now=clock.now())
    assert isinstance(other, Unknown)
    too_much = await gateway.refund("P0001", "R2", 120_001, "协商", now=clock.now())
    assert isinstance(too_much, Rejected)
    assert too_much.code == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"


async def test_settlement_takes_exactly_what_was_not_refunded(gateway, browser, clock) -> None:
    trade_no = await paid(gateway, browser, clock)
    assert isinstance(await gateway.refund("P0001", "R1", 23_450, "部分", now=clock.now()), Done)
    assert isinstance(await gateway.settle(trade_no, "S1", 123_450, now=clock.now()), Rejected)
    assert isinstance(await gateway.settled("P0001", 100_000, now=clock.now()), Absent)
    assert isinstance(await gateway.settle(trade_no, "S1", 100_000, now=clock.now()), Done)
    assert isinstance(await gateway.settle(trade_no, "S1", 100_000, now=clock.now()), Done)
    assert isinstance(await gateway.settle(trade_no, "S2", 100_000, now=clock.now()), Rejected)
    assert isinstance(await gateway.settled("P0001", 100_000, now=clock.now()), Done)


async def test_14_refund_after_settlement_meets_an_empty_balance(gateway, browser, clock) -> None:
    trade_no = await paid(gateway, browser, clock)
    await gateway.settle(trade_no, "S1", 123_450, now=clock.now())
    refused = await gateway.refund("P0001", "R1", 100, "过晚", now=clock.now())
    assert isinstance(refused, Rejected)
    assert refused.code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"


async def test_15_and_28_a_year_later_money_is_settled_and_refunds_are_over(gateway, browser, clock, alipay) -> None:
    await paid(gateway, browser, clock)
    clock.advance(days=366)
    await alipay.tick()
    assert isinstance(await gateway.settled("P0001", 123_450, now=clock.now()), Done)
    refused = await gateway.refund("P0001", "R1", 100, "过晚", now=clock.now())
    assert isinstance(refused, Rejected)
    assert refused.code == "ACQ.TRADE_HAS_FINISHED"


async def test_an_agency_becomes_a_sub_merchant(gateway, clock, alipay) -> None:
    merchant = Merchant(
        "91370200MA00000001", "青岛某测绘有限公司", "91370200MA00000001", "李明", "053280000000", "agency@demo"
    )
    asked = await gateway.onboard(merchant, "M1", now=clock.now())
    assert isinstance(asked, Done)
    again = await gateway.onboard(merchant, "M1", now=clock.now())
    assert isinstance(again, Done)
    assert again.node["order_id"] == asked.node["order_id"]
    clock.advance(hours=2)
    await alipay.tick()
    found = await gateway.onboarded(str(asked.node["order_id"]), now=clock.now())
    assert isinstance(found, Done)
    assert (found.node["status"], str(found.node["ip_role_id"])[:4]) == ("99", "2088")


async def test_29_a_bond_cannot_be_taken_twice(gateway, browser, clock) -> None:
    code = await gateway.freeze_code("B1", "F1", 50_000, "履约保证金", notify_url=ADDRESSES.notify_url, now=clock.now())
    assert isinstance(code, Done)
    before = await gateway.authorisation("B1", "F1", "FREEZE", now=clock.now())
    assert isinstance(before, Done)
    assert before.node["status"] == "INIT"
    await browser.post(str(code.node["code_value"]))
    frozen = await gateway.authorisation("B1", "F1", "FREEZE", now=clock.now())
    assert isinstance(frozen, Done)
    auth_no = str(frozen.node["auth_no"])
    assert isinstance(await gateway.authorisation("B1", "U1", "UNFREEZE", now=clock.now()), Absent)
    assert isinstance(await gateway.unfreeze(auth_no, "U1", 20_000, "退还", now=clock.now()), Done)
    assert isinstance(await gateway.unfreeze(auth_no, "U1", 20_000, "退还", now=clock.now()), Done)
    claim = order(clock.now(), "C1", 30_001)
    refused = await gateway.capture(auth_no, claim, rest_goes_back=False, now=clock.now())
    assert isinstance(refused, Rejected)
    claim = order(clock.now(), "C1", 10_000)
    assert isinstance(await gateway.capture(auth_no, claim, rest_goes_back=True, now=clock.now()), Done)
    assert isinstance(await gateway.unfreeze(auth_no, "U2", 1, "退还", now=clock.now()), Rejected)


async def test_26_the_bill_is_a_gbk_archive(gateway, browser, clock) -> None:
    await paid(gateway, browser, clock)
    await gateway.refund("P0001", "R1", 3_450, "协商", now=clock.now())
    day = beijing_date(clock.now())
    assert isinstance(await gateway.bill_url(day, now=clock.now()), Rejected)
    clock.advance(days=1)
    found = await gateway.bill_url(day, now=clock.now())
    assert isinstance(found, Done)
    answer = await browser.get(str(found.node["bill_download_url"]))
    with zipfile.ZipFile(io.BytesIO(answer.content), metadata_encoding="gbk") as packed:
        name = next(name for name in packed.namelist() if name.endswith("业务明细.csv"))
        text = packed.read(name).decode("gb18030")
    assert "退款" in text
    assert "-34.50" in text
    clock.advance(seconds=31)
    assert (await browser.get(str(found.node["bill_download_url"]))).status_code == 403


WHAT_FAILURES_MEAN = {
    "hang": (Unknown, Absent), "commit_then_hang": (Unknown, Done), "commit_then_system_error": (Unknown, Done),
    "system_error": (Unknown, Absent), "busy": (Unknown, Absent), "limited": (NotExecuted, Absent),
    "http502": (Unknown, Absent), "html200": (Unknown, Absent), "bad_sign": (Unknown, Done), "sign_first": (Done, Done),
    "unsigned": (Unknown, Done), "other_order": (Unknown, Done), "huge": (Unknown, Done), "drip": (Unknown, Done),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(WHAT_FAILURES_MEAN))
async def test_5_21_22_23_24_what_a_failure_means_for_money(gateway, browser, clock, alipay, kind) -> None:
    """First what the adapter says of the refund that failed, then what asking finds."""
    await paid(gateway, browser, clock)
    alipay.faults.add("alipay.trade.refund", kind)
    said, found = WHAT_FAILURES_MEAN[kind]
    assert isinstance(await gateway.refund("P0001", "R1", 3_450, "协商", now=clock.now()), said)
    assert isinstance(await gateway.refunded("P0001", "R1", 3_450, now=clock.now()), found)


async def test_21_nobody_listens(clock: FixedClock, identity: Identity) -> None:
    async def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = Client(account_at(identity), transport=httpx.MockTransport(refuse))
    assert isinstance(await Gateway(client).close("P0001", now=clock.now()), NotExecuted)


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[]", b"null", b"{", b'{"a":1,}', b'{"alipay_trade_query_response":{}}x', b"\xff", b'{"a" 1}', b"[" * 100_000,
    b'{"alipay_trade_query_response":{"code":"10000"},"alipay_trade_query_response":{"code":"10000"},"sign":"x"}',
    b'{"alipay_trade_query_response":{"code":"10000"},"error_response":{},"sign":"x"}',
    b'{"alipay_trade_query_response":{"code":"10000"},"sign":7}', b'{"alipay_trade_query_response":[],"sign":"x"}',
    b'{"alipay_trade_query_response":{"code":"10000","out_trade_no":"P0001"}}',
])  # fmt: skip
async def test_22_no_answer_without_a_signature_settles_anything(
    clock: FixedClock, identity: Identity, body: bytes
) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body)

    client = Client(account_at(identity), transport=httpx.MockTransport(answer))
    assert isinstance(await Gateway(client).trade("P0001", now=clock.now()), Unknown)


async def test_25_two_keys_of_alipay_count_while_it_changes_its_key(
    alipay: Simulator, identity: Identity, clock: FixedClock
) -> None:
    older = new_identity().alipay_key.public_key()
    both = account_at(identity, alipay_keys=(older, identity.alipay_key.public_key()))
    transport = httpx.ASGITransport(app=alipay)
    assert isinstance(await Gateway(Client(both, transport=transport)).trade("P0001", now=clock.now()), Absent)
    only_older = account_at(identity, alipay_keys=(older,))
    assert isinstance(await Gateway(Client(only_older, transport=transport)).trade("P0001", now=clock.now()), Unknown)


async def test_20_a_clock_that_is_wrong_by_an_hour_is_told_so(gateway: Gateway, clock: FixedClock) -> None:
    refused = await gateway.trade("P0001", now=clock.now() - timedelta(hours=1))
    assert isinstance(refused, Unknown)
    assert "isv.invalid-timestamp" in refused.reason


async def test_34_neither_keys_nor_names_reach_the_logs(gateway, browser, clock, alipay, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as `serve` sets it: it would log whole addresses
    for kind in sorted(WHAT_FAILURES_MEAN):
        alipay.faults.add("alipay.trade.query", kind)
        await gateway.trade("P0001", now=clock.now())
    assert "sign=" not in caplog.text
    assert "hui***" not in caplog.text
    assert "RSAPrivateKey" not in repr(gateway.client.account)


async def test_notifies_follow_the_schedule_until_they_are_taken(gateway, browser, clock, alipay, letterbox) -> None:
    letterbox.answers = [b"fail"] * 20
    await paid(gateway, browser, clock)
    sent = []
    for minutes in (0, 4, 10, 10, 60, 120, 360, 900, 10_000):
        clock.advance(minutes=minutes)
        sent.append(await alipay.tick())
    assert sent[:8] == [1] * 8
    assert sent[8] <= 1  # that one is a later event's, if any
    assert len({dict(parse_qsl(raw.decode()))["notify_id"] for raw in letterbox.received[:8]}) == 1


async def test_1_to_10_a_notify_is_believed_only_with_its_signature(
    gateway, browser, clock, alipay, identity, letterbox: Letterbox
) -> None:
    await paid(gateway, browser, clock)
    await alipay.tick()
    keys = (identity.alipay_key.public_key(),)
    raw = letterbox.received[0]
    params = verified(raw, keys)
    assert (params["trade_status"], params["out_trade_no"], params["body"]) == ("TRADE_SUCCESS", "P0001", "")
    spoilt = [
        raw.replace(b"1234.50", b"0.01", 1), raw + b"&x=1", raw + b"&sign=AAAA", raw + b"&out_trade_no=P0001", b"", b"a", b"\xff=1",
        raw.replace(b"RSA2", b"RSA"), raw.replace(b"sign=", b"sign=*"), raw.replace(b"&sign=", b"&sing="), raw * 60,
    ]  # fmt: skip
    for other in spoilt:
        with pytest.raises(Forged):
            verified(other, keys)
    with pytest.raises(Forged):
        verified(raw, (new_identity().alipay_key.public_key(),))


@pytest.mark.parametrize(("text", "fits"), [
    ("a/b=c&d", "a b c d"), ("  一  二 ", "一 二"), ("&quot;&lt;", "quot; lt;"), ("", "-"), ("很" * 300, "很" * 120), ("x\x00y", "x y"),
])  # fmt: skip
def test_26_titles_are_as_alipay_takes_them(text: str, fits: str) -> None:
    assert title(text) == fits


@pytest.mark.parametrize("text", ["", "1.234", "-1", "1e5", "01", "NaN", "１", None, 5, "1.", "999999999999.00"])
def test_amounts_are_plain_or_nothing(text: object) -> None:
    with pytest.raises(ValueError):
        fen(text)
