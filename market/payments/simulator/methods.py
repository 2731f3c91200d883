"""What Alipay does when asked: one function a method, on its books, at a moment. Every refusal is a business code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from market.kernel.calendar import BEIJING
from market.payments.simulator import notices
from market.payments.simulator.books import Authorisation, Books, Merchant, Trade
from market.payments.simulator.protocol import Call, Refused, beijing, yuan

LONGEST_PERIOD: Final = 365
REVIEWED_AFTER: Final = timedelta(
    minutes=1
)  # of an application to be a sub-merchant; the real Alipay takes a day or so
LARGEST: Final = 100_000_000 * 100
_YUAN: Final = re.compile(r"(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?")
Node = dict[str, Any]
Method = Callable[[Books, Call, datetime], Node]


def fen(text: str) -> int:
    match = _YUAN.fullmatch(text)
    if match is None:
        raise Refused("ACQ.INVALID_PARAMETER", "金额无效")
    amount = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 < amount <= LARGEST:
        raise Refused("ACQ.TOTAL_FEE_EXCEED", "订单金额超过限额")
    return amount


def _trade(books: Books, call: Call) -> Trade:
    found = books.trade(call.word("out_trade_no", required=False), call.word("trade_no", required=False))
    if found is None:
        raise Refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return found


def _named(trade: Trade) -> Node:
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def query(books: Books, call: Call, now: datetime) -> Node:
    trade = _trade(books, call)
    node = {**_named(trade), "trade_status": trade.status, "total_amount": yuan(trade.total), "buyer_logon_id": "hui***@demo",
            "subject": trade.subject}  # fmt: skip
    if trade.paid_at:
        node["send_pay_date"] = beijing(trade.paid_at)
    if "trade_settle_info" in call.biz.get("query_options", []):
        node["trade_settle_info"] = _settle_info(trade)
    return node


def _settle_info(trade: Trade) -> Node:
    held = trade.total - trade.refunded if trade.paid_at and trade.settlement is None else 0
    details = [{"operation_type": "settle", "operation_serial_no": trade.settlement[0], "amount": yuan(trade.settlement[1]),
                "operation_dt": beijing(trade.settlement[2]), "trans_in": trade.smid}] if trade.settlement else []  # fmt: skip
    return {"trade_unsettled_amount": yuan(held), "trade_settle_detail_list": details}


def close(books: Books, call: Call, now: datetime) -> Node:
    trade = _trade(books, call)
    if trade.status != "WAIT_BUYER_PAY":
        raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    shut(books, trade, now)
    return _named(trade)


def shut(books: Books, trade: Trade, now: datetime) -> None:
    trade.status, trade.closed_at = "TRADE_CLOSED", now.isoformat()
    books.put(trade)
    notices.of_trade(books, trade, now)


def refund(books: Books, call: Call, now: datetime) -> Node:
    trade, amount = _trade(books, call), fen(call.word("refund_amount"))
    request_no = call.word("out_request_no", required=False) or (trade.out_trade_no if amount == trade.total else "")
    if not request_no:
        raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    earlier = next((one for one in trade.refunds if one[0] == request_no), None)
    if earlier is not None:
        if earlier[1] != amount:
            raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return _refunded(trade, "N")
    _check_refundable(trade, amount)
    trade.refunds.append((request_no, amount, now.isoformat()))
    if trade.refunded == trade.total:
        trade.status, trade.closed_at = "TRADE_CLOSED", now.isoformat()
    books.put(trade)
    notices.of_trade(books, trade, now, refund=request_no)
    return _refunded(trade, "Y")


def _check_refundable(trade: Trade, amount: int) -> None:
    if trade.status == "TRADE_FINISHED":
        raise Refused("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if trade.paid_at is None or trade.status != "TRADE_SUCCESS":
        raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if trade.refunded + amount > trade.total:
        raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    if trade.settlement is not None:
        raise Refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")


def _refunded(trade: Trade, fund_change: str) -> Node:
    return {**_named(trade), "fund_change": fund_change, "refund_fee": yuan(trade.refunded)}


def refund_query(books: Books, call: Call, now: datetime) -> Node:
    trade, request_no = _trade(books, call), call.word("out_request_no")
    found = next((one for one in trade.refunds if one[0] == request_no), None)
    if found is None:
        return {}
    return {
        **_named(trade), "out_request_no": request_no, "refund_status": "REFUND_SUCCESS", "refund_amount": yuan(found[1]),
        "total_amount": yuan(trade.total), "gmt_refund_pay": beijing(found[2]),
    }  # fmt: skip


def settle_confirm(books: Books, call: Call, now: datetime) -> Node:
    trade, request_no = _trade(books, call), call.word("out_request_no")
    details = call.biz.get("settle_info", {}).get("settle_detail_infos", [])
    if len(details) != 1 or details[0].get("trans_in_type") != "defaultSettle":
        raise Refused("ACQ.INVALID_PARAMETER", "结算明细须为一条")
    amount = fen(str(details[0].get("amount", "")))
    if trade.settlement is not None:
        if trade.settlement[:2] == (request_no, amount):
            return _settled(trade, request_no, amount)
        raise Refused("ACQ.ALREADY_CONFIRM_SETTLE", "交易已确认结算")
    if not trade.smid or trade.status not in {"TRADE_SUCCESS", "TRADE_FINISHED"}:
        raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    _check_not_blocked(books, trade.smid)
    if amount != trade.total - trade.refunded:
        raise Refused("ACQ.CONFIRM_SETTLE_AMOUNT_NOT_MATCH", "结算金额与待结算金额不一致")
    trade.settlement = (request_no, amount, now.isoformat())
    books.put(trade)
    return _settled(trade, request_no, amount)


def _settled(trade: Trade, request_no: str, amount: int) -> Node:
    return {"trade_no": trade.trade_no, "out_request_no": request_no, "settle_amount": yuan(amount)}


def onboard(books: Books, call: Call, now: datetime) -> Node:
    request_no = call.word("out_biz_no", required=False)
    known = books.merchant(request_no=request_no)
    if known is None:
        number = books.next_number("merchant")
        known = Merchant(
            order_id=f"{20260000000000 + number}", external_id=call.word("external_id"), request_no=request_no,
            name=call.word("name"), logon_id=call.word("alipay_logon_id"), smid=f"2088{number:012d}", status="031",
            applied_at=now.isoformat(),
        )  # fmt: skip
        books.put(known)
    return {"order_id": known.order_id}


def onboard_query(books: Books, call: Call, now: datetime) -> Node:
    known = books.merchant(order_id=call.word("order_id"))
    if known is None:
        raise Refused("ORDER_NOT_EXIST", "申请单不存在")
    node: Node = {"status": known.status, "apply_time": beijing(known.applied_at), "merchant_name": known.name}
    if known.status == "-1":
        return node | {"reason": known.reason}
    return node | ({"ip_role_id": known.smid} if known.status == "99" else {})


def set_account(books: Books, logon_id: str, status: str, reason: str) -> None:
    """What Alipay decides about an account, on demand: "refused" (while it is reviewed), "frozen", "works". Raises ValueError."""
    found = [one for one in books.merchants() if one.logon_id == logon_id]
    if not found or status not in {"refused", "frozen", "works"}:
        raise ValueError("no such account or status")
    known = found[-1]
    if status == "refused":
        known.status, known.reason = "-1", reason
    else:
        known.frozen = status == "frozen"
    books.put(known)


def _check_not_blocked(books: Books, smid: str) -> None:
    known = books.merchant(smid=smid)
    if known is not None and known.frozen:
        raise Refused("ACQ.SELLER_BEEN_BLOCKED", "商家账号被冻结")


def voucher_create(books: Books, call: Call, now: datetime) -> Node:
    order_no, request_no = call.word("out_order_no"), call.word("out_request_no")
    amount = fen(call.word("amount"))
    known = books.authorisation(out_order_no=order_no)
    if known is None:
        number = books.next_number("authorisation")
        known = Authorisation(
            auth_no=f"{now:%Y%m%d}1000100{number:012d}", out_order_no=order_no, out_request_no=request_no, title=call.word("order_title"),
            total=amount, code=f"28{number:016d}", notify_url=call.params.get("notify_url", ""), created_at=now.isoformat(),
        )  # fmt: skip
        books.put(known)
    if (known.out_request_no, known.total) != (request_no, amount):
        raise Refused("ORDER_ALREADY_EXIST", "订单信息不一致")
    return {"out_order_no": order_no, "out_request_no": request_no, "code_type": "qrcode", "code_value": known.code}


def _authorisation(books: Books, call: Call) -> Authorisation:
    found = books.authorisation(call.word("out_order_no", required=False), call.word("auth_no", required=False))
    if found is None:
        raise Refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    return found


def auth_query(books: Books, call: Call, now: datetime) -> Node:
    found = _authorisation(books, call)
    request_no = call.word("out_request_no")
    operation = next((one for one in found.operations if one[1] == request_no), None)
    if operation is None and request_no != found.out_request_no:
        raise Refused("AUTH_OPERATION_NOT_EXIST", "支付宝资金授权操作不存在")
    amount = operation[2] if operation else found.total
    status = "SUCCESS" if operation or found.frozen_at else found.status
    return {
        "auth_no": found.auth_no, "out_order_no": found.out_order_no, "out_request_no": request_no, "amount": yuan(amount),
        "operation_type": operation[0] if operation else "FREEZE", "status": status,
        "order_status": found.status, "rest_amount": yuan(found.rest), "total_freeze_amount": yuan(found.total),
    }  # fmt: skip


def unfreeze(books: Books, call: Call, now: datetime) -> Node:
    found, request_no, amount = _authorisation(books, call), call.word("out_request_no"), fen(call.word("amount"))
    earlier = next((one for one in found.operations if one[1] == request_no), None)
    if earlier is None:
        _check_rest(found, amount)
        found.operations.append(("UNFREEZE", request_no, amount, now.isoformat()))
        _finish(books, found)
    elif earlier[2] != amount:
        raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
    return {"auth_no": found.auth_no, "out_order_no": found.out_order_no, "out_request_no": request_no, "status": "SUCCESS",
            "amount": yuan(amount)}  # fmt: skip


def _check_rest(found: Authorisation, amount: int) -> None:
    if found.status in {"CLOSED", "FINISH"}:
        raise Refused(
            "AUTH_ORDER_HAS_CLOSED" if found.status == "CLOSED" else "AUTH_ORDER_HAS_FINISHED", "授权订单已结束"
        )
    if amount > found.rest:
        raise Refused("ACQ.AUTH_AMOUNT_NOT_ENOUGH", "授权金额不足")


def _finish(books: Books, found: Authorisation) -> None:
    if found.rest == 0:
        found.status = "FINISH"
    books.put(found)


def trade_pay(books: Books, call: Call, now: datetime) -> Node:
    """Only the way in which an authorisation pays; codes held to a scanner are of no use here."""
    found, out_trade_no, amount = _authorisation(books, call), call.word("out_trade_no"), fen(call.word("total_amount"))
    trade = books.trade(out_trade_no)
    if trade is None:
        _check_rest(found, amount)
        trade = Trade(
            trade_no=_trade_no(books, now), out_trade_no=out_trade_no, subject=call.word("subject"), total=amount,
            smid=str(call.biz.get("sub_merchant", {}).get("merchant_id", "")), period_days=0, created_at=now.isoformat(),
            expires_at=None, notify_url=call.params.get("notify_url", ""), status="TRADE_SUCCESS", paid_at=now.isoformat(),
            auth_no=found.auth_no, settlement=("direct", amount, now.isoformat()),
        )  # fmt: skip
        books.put(trade)
        found.operations.append(("PAY", out_trade_no, amount, now.isoformat()))
        if call.biz.get("auth_confirm_mode") == "COMPLETE" and found.rest:
            found.operations.append(("UNFREEZE", f"{out_trade_no}-rest", found.rest, now.isoformat()))
        _finish(books, found)
    elif (trade.total, trade.auth_no) != (amount, found.auth_no):
        raise Refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
    return {**_named(trade), "total_amount": yuan(trade.total), "gmt_payment": beijing(now)}


def _trade_no(books: Books, now: datetime) -> str:
    return f"{now:%Y%m%d}22001{books.next_number('trade'):015d}"


def create_trade(books: Books, biz: Mapping[str, Any], notify_url: str, buyer: str, now: datetime) -> Trade:
    """The buyer has shown himself at the cashier. Raises Refused where the order can no longer be paid."""
    out_trade_no, amount = str(biz.get("out_trade_no", "")), fen(str(biz.get("total_amount", "")))
    known = books.trade(out_trade_no)
    if known is not None:
        if (known.total, known.subject) != (amount, biz.get("subject")):
            raise Refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        return known
    expires_at = _expiry(str(biz.get("time_expire", "")))
    if expires_at is not None and now >= expires_at:
        raise Refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    details = biz.get("settle_info", {}).get("settle_detail_infos", [{}])
    if biz.get("settle_info") and (len(details) != 1 or fen(str(details[0].get("amount", ""))) != amount):
        raise Refused("ACQ.INVALID_PARAMETER", "结算金额须等于订单金额")
    _check_not_blocked(books, str(biz.get("sub_merchant", {}).get("merchant_id", "")))
    trade = Trade(
        trade_no=_trade_no(books, now), out_trade_no=out_trade_no, subject=str(biz.get("subject", "")), total=amount,
        smid=str(biz.get("sub_merchant", {}).get("merchant_id", "")), period_days=_period(biz), created_at=now.isoformat(),
        expires_at=expires_at.isoformat() if expires_at else None, notify_url=notify_url, buyer=buyer,
    )  # fmt: skip
    books.put(trade)
    return trade


def _expiry(text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING) if text else None


def _period(biz: Mapping[str, Any]) -> int:
    text = str(biz.get("settle_info", {}).get("settle_period_time", "1d"))
    days = int(text[:-1]) if text.endswith("d") and text[:-1].isdigit() else 0
    if not 1 <= days <= LONGEST_PERIOD:
        raise Refused("ACQ.INVALID_PARAMETER", "结算周期无效")
    return days


def pay(books: Books, trade: Trade, now: datetime) -> None:
    """Raises Refused where it was paid or closed meanwhile."""
    if trade.paid_at:
        raise Refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    if trade.status != "WAIT_BUYER_PAY" or (trade.expires_at and now >= datetime.fromisoformat(trade.expires_at)):
        raise Refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    trade.status, trade.paid_at = "TRADE_SUCCESS", now.isoformat()
    books.put(trade)
    notices.of_trade(books, trade, now)


def freeze(books: Books, found: Authorisation, now: datetime) -> None:
    if found.frozen_at:
        raise Refused("AUTH_ORDER_HAS_FINISHED", "已授权")
    found.status, found.frozen_at = "AUTHORIZED", now.isoformat()
    books.put(found)
    notices.of_authorisation(books, found, now)


def pass_time(books: Books, now: datetime) -> None:
    """What Alipay does by itself: unpaid trades close, held money is settled in the end, the refund window shuts."""
    for trade in books.trades():
        if trade.status == "WAIT_BUYER_PAY" and trade.expires_at and now >= datetime.fromisoformat(trade.expires_at):
            shut(books, trade, now)
        elif trade.status == "TRADE_SUCCESS" and trade.paid_at:
            _age(books, trade, datetime.fromisoformat(trade.paid_at), now)
    for merchant_id in [one.order_id for one in books.merchants() if one.status == "031"]:
        merchant = books.merchant(order_id=merchant_id)
        if merchant and now >= datetime.fromisoformat(merchant.applied_at) + REVIEWED_AFTER:
            merchant.status = "99"
            books.put(merchant)


def _age(books: Books, trade: Trade, paid_at: datetime, now: datetime) -> None:
    if trade.smid and trade.settlement is None and now >= paid_at + timedelta(days=trade.period_days):
        trade.settlement = ("auto", trade.total - trade.refunded, now.isoformat())
        books.put(trade)
    if now >= paid_at + timedelta(days=LONGEST_PERIOD):
        trade.status = "TRADE_FINISHED"
        books.put(trade)
        notices.of_trade(books, trade, now)


METHODS: Final[dict[str, Method]] = {
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    "alipay.trade.settle.confirm": settle_confirm,
    "alipay.trade.pay": trade_pay,
    "ant.merchant.expand.indirect.zft.create": onboard,
    "ant.merchant.expand.order.query": onboard_query,
    "alipay.fund.auth.order.voucher.create": voucher_create,
    "alipay.fund.auth.operation.detail.query": auth_query,
    "alipay.fund.auth.order.unfreeze": unfreeze,
}
