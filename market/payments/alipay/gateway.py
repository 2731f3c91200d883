"""What the market asks of Alipay, in the market's words. Amounts are fen, times aware; what comes back is compared with
what was asked, because a signature binds an answer to no question."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from market.kernel.calendar import BEIJING
from market.kernel.money import Money
from market.payments.alipay.client import Client
from market.payments.alipay.outcome import Absent, Done, Finding, Outcome, Rejected, Unknown
from market.payments.alipay.requests import call_params, model

_YUAN: Final = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?")
_TITLE: Final = re.compile(r"[/=&\"'<>\\\x00-\x1f]+")
TITLE_LENGTH: Final = 120
BILL_HOSTS: Final = frozenset({"dwbillcenter.alipay.com", "dwbillcenter.alipaydev.com"})
SETTLES_ITSELF_AFTER: Final = "365d"  # the longest that Alipay holds; our guard comes long before
log = logging.getLogger(__name__)


def yuan(fen: int) -> str:
    return Money(fen).yuan_text


def fen(text: object) -> int:
    """Raises ValueError for anything but a plain amount in yuan."""
    match = _YUAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("no amount in yuan")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def title(text: str) -> str:
    """As Alipay takes titles: without the characters its documents forbid, and short."""
    return " ".join(_TITLE.sub(" ", text).split())[:TITLE_LENGTH] or "-"


@dataclass(frozen=True)
class Order:
    """One trade to be paid: it pays `amount_fen` into the pending account of the sub-merchant `smid`."""

    out_trade_no: str
    subject: str
    amount_fen: int
    expires_at: datetime
    smid: str


@dataclass(frozen=True)
class Addresses:
    """Where Alipay reports and where it sends the buyer back to."""

    notify_url: str
    return_url: str


@dataclass(frozen=True)
class Merchant:
    """Who is to be paid, for onboarding."""

    external_id: str
    name: str
    code: str
    legal_name: str
    phone: str
    logon_id: str


class Gateway:
    """Every command returns an Outcome. A command that was Unknown is looked up and, if Alipay knows nothing of it,
    sent again with the same number. `notify_url`: where Alipay reports what nobody's browser starts."""

    def __init__(self, client: Client, *, notify_url: str = "") -> None:
        self.client, self.notify_url = client, notify_url

    def pay_url(self, order: Order, addresses: Addresses, *, phone: bool, now: datetime) -> str:
        """The cashier's address for this order; nothing exists at Alipay until the buyer shows himself there."""
        way = {"product_code": "QUICK_WAP_WAY", "quit_url": addresses.return_url} if phone else {
            "product_code": "FAST_INSTANT_TRADE_PAY"}  # fmt: skip
        params = call_params(
            "AlipayTradeWapPay" if phone else "AlipayTradePagePay", **way, notify_url=addresses.notify_url, return_url=addresses.return_url,
            out_trade_no=order.out_trade_no, subject=title(order.subject), total_amount=yuan(order.amount_fen),
            time_expire=order.expires_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"), **_for(order),
        )  # fmt: skip
        return self.client.page_url(params, now=now)

    async def trade(self, out_trade_no: str, *, now: datetime) -> Finding:
        params = call_params("AlipayTradeQuery", out_trade_no=out_trade_no, query_options=["trade_settle_info"])
        outcome = await self.client.call(params, now=now)
        if isinstance(outcome, Rejected) and outcome.code == "ACQ.TRADE_NOT_EXIST":
            return Absent()
        return _echoed(outcome, out_trade_no=out_trade_no)

    async def close(self, out_trade_no: str, *, now: datetime) -> Outcome:
        params = call_params("AlipayTradeClose", out_trade_no=out_trade_no)
        return _echoed(await self.client.call(params, now=now), out_trade_no=out_trade_no)

    async def refund(self, out_trade_no: str, request_no: str, amount: int, reason: str, *, now: datetime) -> Outcome:
        """Done only when the money moved; an order merely accepted is Unknown until `refunded` says it moved."""
        params = call_params(
            "AlipayTradeRefund", out_trade_no=out_trade_no, out_request_no=request_no, refund_amount=yuan(amount),
            refund_reason=title(reason),
        )  # fmt: skip
        outcome = _echoed(await self.client.call(params, now=now), out_trade_no=out_trade_no)
        if isinstance(outcome, Done) and outcome.node.get("fund_change") != "Y":
            return Unknown("the refund was accepted and has not moved yet")
        return outcome

    async def refunded(self, out_trade_no: str, request_no: str, amount: int, *, now: datetime) -> Finding:
        """Done when this refund moved; Absent when it did not, or not yet: sending it again is then safe."""
        params = call_params("AlipayTradeFastpayRefundQuery", out_trade_no=out_trade_no, out_request_no=request_no)
        outcome = await self.client.call(params, now=now)
        if not isinstance(outcome, Done) or outcome.node.get("refund_status") != "REFUND_SUCCESS":
            return outcome if not isinstance(outcome, Done) else Absent()
        return _echoed(outcome, out_trade_no=out_trade_no, out_request_no=request_no, refund_amount=amount)

    async def settle(self, trade_no: str, request_no: str, amount: int, *, now: datetime) -> Outcome:
        """Lets Alipay give the sub-merchant what it holds: once a trade, and all that was not refunded."""
        detail = model("SettleDetailInfo", trans_in_type="defaultSettle", amount=yuan(amount))
        params = call_params(
            "AlipayTradeSettleConfirm", trade_no=trade_no, out_request_no=request_no,
            settle_info=model("SettleInfo", settle_detail_infos=[detail]),
        )  # fmt: skip
        return _echoed(await self.client.call(params, now=now), trade_no=trade_no, out_request_no=request_no)

    async def settled(self, out_trade_no: str, amount: int, *, now: datetime) -> Finding:
        """Done when the sub-merchant has its money; Absent while Alipay still holds it."""
        outcome = await self.trade(out_trade_no, now=now)
        if not isinstance(outcome, Done):
            return outcome
        moved = settled_amount(outcome.node)
        if moved == 0:
            return Absent()
        return outcome if moved == amount else Unknown("settled with another amount")

    async def onboard(self, merchant: Merchant, request_no: str, *, now: datetime) -> Outcome:
        params = call_params(
            "AntMerchantExpandIndirectZftCreate", external_id=merchant.external_id, out_biz_no=request_no,
            name=merchant.name, alias_name=merchant.name[:20], merchant_type="01", mcc="7399", cert_type="201",
            cert_no=merchant.code, legal_name=merchant.legal_name, service_phone=merchant.phone,
            alipay_logon_id=merchant.logon_id, service=["电脑支付", "WAP支付"],
            default_settle_rule=model("DefaultSettleRule", default_settle_type="alipayAccount",
                                      default_settle_target=merchant.logon_id),
        )  # fmt: skip
        return await self.client.call(params, now=now)

    async def onboarded(self, order_id: str, *, now: datetime) -> Outcome:
        return await self.client.call(call_params("AntMerchantExpandOrderQuery", order_id=order_id), now=now)

    async def freeze_code(self, order_no: str, request_no: str, amount: int, subject: str, *, notify_url: str = "", now: datetime) -> Outcome:  # fmt: skip
        """A code that the agency scans to authorise its bond; `code_value` is what the picture says."""
        params = call_params(
            "AlipayFundAuthOrderVoucherCreate", notify_url=notify_url or self.notify_url, out_order_no=order_no, out_request_no=request_no,
            order_title=title(subject), amount=yuan(amount), product_code="PRE_AUTH",
            payee_user_id=self.client.account.seller_id,
        )  # fmt: skip
        return _echoed(await self.client.call(params, now=now), out_order_no=order_no, out_request_no=request_no)

    async def authorisation(self, order_no: str, request_no: str, operation: str, *, now: datetime) -> Finding:
        """One operation (FREEZE, UNFREEZE) on an authorisation, and what is left of it."""
        params = call_params(
            "AlipayFundAuthOperationDetailQuery",
            out_order_no=order_no,
            out_request_no=request_no,
            operation_type=operation,
        )
        outcome = await self.client.call(params, now=now)
        if isinstance(outcome, Rejected) and outcome.code in {"AUTH_ORDER_NOT_EXIST", "AUTH_OPERATION_NOT_EXIST"}:
            return Absent()
        return _echoed(outcome, out_order_no=order_no, out_request_no=request_no)

    async def unfreeze(self, auth_no: str, request_no: str, amount: int, remark: str, *, now: datetime) -> Outcome:
        params = call_params(
            "AlipayFundAuthOrderUnfreeze",
            auth_no=auth_no,
            out_request_no=request_no,
            amount=yuan(amount),
            remark=title(remark),
        )
        return _echoed(
            await self.client.call(params, now=now), auth_no=auth_no, out_request_no=request_no, amount=amount
        )

    async def capture(self, auth_no: str, order: Order, *, rest_goes_back: bool, now: datetime) -> Outcome:
        """Pays from an authorisation: to the injured party (`order.smid`), never into an account of the market."""
        params = call_params(
            "AlipayTradePay", auth_no=auth_no, product_code="PRE_AUTH", out_trade_no=order.out_trade_no,
            subject=title(order.subject), total_amount=yuan(order.amount_fen),
            auth_confirm_mode="COMPLETE" if rest_goes_back else "NOT_COMPLETE", sub_merchant=model("SubMerchant", merchant_id=order.smid),
        )  # fmt: skip
        outcome = await self.client.call(params, now=now)
        return _echoed(outcome, out_trade_no=order.out_trade_no, total_amount=order.amount_fen)

    async def bill_url(self, day: date, *, now: datetime) -> Outcome:
        """Where the day's bill lies for the next half minute. Never log it: the address is the key."""
        params = call_params("AlipayDataDataserviceBillDownloadurlQuery", bill_type="trade", bill_date=day.isoformat())
        return await self.client.call(params, now=now)

    async def download_bill(self, url: str) -> bytes | None:
        """The archive; None where it cannot be had at present, or where the address is not one of Alipay's."""
        address = urlsplit(url)
        near = (
            self.client.account.url.startswith("http://127.0.0.1:")
            and address.netloc == urlsplit(self.client.account.url).netloc
        )
        if not near and (address.hostname not in BILL_HOSTS or address.port not in {None, 80, 443}):
            log.error("Alipay named an unknown host for its bill")
            return None
        # Alipay's own addresses say http; the archive names payers and is fetched over https.
        return await self.client.download(
            url if near else address._replace(scheme="https", netloc=address.hostname or "").geturl()
        )


def _for(order: Order) -> dict[str, Any]:
    """The parts of an order that keep the money with Alipay, for the sub-merchant, until the market confirms."""
    detail = model("SettleDetailInfo", trans_in_type="defaultSettle", amount=yuan(order.amount_fen))
    settle_info = model("SettleInfo", settle_detail_infos=[detail], settle_period_time=SETTLES_ITSELF_AFTER)
    return {"sub_merchant": model("SubMerchant", merchant_id=order.smid), "settle_info": settle_info}


def settled_amount(node: Mapping[str, Any]) -> int:
    """Fen that left the pending account for the sub-merchant, by the settlement part of a trade's answer."""
    info = node.get("trade_settle_info")
    details = info.get("trade_settle_detail_list", []) if isinstance(info, dict) else []
    return sum(fen(one.get("amount")) for one in details if one.get("operation_type") == "settle")


def _echoed(outcome: Outcome, **asked: str | int) -> Outcome:
    """The outcome, unless it is about something else than was asked: numbers are compared as texts, amounts as fen."""
    if not isinstance(outcome, Done):
        return outcome
    for name, expected in asked.items():
        given = outcome.node.get(name)
        try:
            same = fen(given) == expected if isinstance(expected, int) else given == expected
        except ValueError:
            same = False
        if not same:
            log.error("Alipay answered for another %s than was asked", name)
            return Unknown(f"an answer for another {name}")
    return outcome
