"""A notify that carried Alipay's signature: kept once, judged against our own books, applied, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from market.kernel.db import execute, fetch_value, transaction
from market.kernel.ids import new_id
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.trades import PaidTrade, apply_closed, apply_paid
from market.payments.alipay.client import Account
from market.payments.alipay.gateway import fen
from market.payments.alipay.times import beijing_time

_PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
_FREEZE = "fund_auth_freeze"
# What the market's own calls can lead to. Everything else (a transfer that bounced, a new kind of message) is for people.
_KNOWN = frozenset({"trade_status_sync", _FREEZE, "fund_auth_unfreeze", "fund_auth_operation_cancel"})


async def take_notify(params: Mapping[str, str], raw: str, *, account: Account, now: datetime) -> str:
    """What became of it. Once this returns, it is kept, and Alipay may be told so: repeating it changes nothing."""
    async with transaction():
        outcome = await _judge(params, account, now=now)
        fresh = await execute(
            "INSERT INTO notify_inbox (id, app_id, notify_id, body, received_at, outcome) VALUES ($1,$2,$3,$4,$5,$6)"
            " ON CONFLICT DO NOTHING", new_id(), params.get("app_id", ""), params.get("notify_id", ""), raw, now, outcome,
        )  # fmt: skip
    return outcome if fresh else "known"


async def _judge(params: Mapping[str, str], account: Account, *, now: datetime) -> str:
    ours = params.get("app_id") == account.app_id and params.get("seller_id", account.seller_id) == account.seller_id
    if not ours:
        about = f"{params.get('app_id')}/{params.get('seller_id')}/{params.get('out_trade_no')}"
        await raise_alarm("not_ours", about, {"notify_id": params.get("notify_id", "")}, now=now)
        return "not_ours"
    if params.get("notify_type") not in _KNOWN:
        return await _show(params, now=now)
    if params["notify_type"] == _FREEZE:
        return await _look_at_bond(params.get("out_order_no", ""), now=now)
    if params.get("refund_fee") or params.get("gmt_refund"):
        return await _look_at_refunds(params.get("out_trade_no", ""), now=now)
    if params.get("trade_status") in _PAID:
        return await _paid(params, now=now)
    if params.get("trade_status") == "TRADE_CLOSED":
        return await apply_closed(params.get("out_trade_no", ""), now=now)
    return "of_no_interest"


async def _show(params: Mapping[str, str], *, now: datetime) -> str:
    """Kept, shown, and nothing else: what is not understood moves no money."""
    kind = params.get("notify_type") or params.get("msg_method") or "?"
    about = f"{kind}/{params.get('notify_id') or params.get('out_biz_no') or '?'}"
    await raise_alarm("unknown_notify", about[:200], {"kind": kind[:100]}, now=now)
    return "unknown_kind"


async def _paid(params: Mapping[str, str], *, now: datetime) -> str:
    try:
        amount_fen = fen(params.get("total_amount"))
    except ValueError:
        return "mismatch"
    paid_at = beijing_time(params.get("gmt_payment")) or now
    return await apply_paid(
        PaidTrade(params.get("out_trade_no", ""), params.get("trade_no", ""), amount_fen, paid_at), now=now
    )


async def _look_at_refunds(out_trade_no: str, *, now: datetime) -> str:
    """Partial refunds come as a second TRADE_SUCCESS, full ones as TRADE_CLOSED: neither is a payment or an end. What we
    asked for is looked up at once; what we did not ask for shows in the bill."""
    payment_id = await fetch_value("SELECT id FROM payment WHERE out_trade_no = $1", out_trade_no)
    if payment_id is None:
        return "unknown_order"
    hurried = await execute(
        "UPDATE instruction SET due_at = $2 WHERE payment_id = $1 AND kind = 'refund' AND state = 'unknown' AND due_at > $2",
        payment_id, now,
    )  # fmt: skip
    return "applied" if hurried else "known"


async def _look_at_bond(order_no: str, *, now: datetime) -> str:
    hurried = await execute("UPDATE bond SET poll_at = $2 WHERE order_no = $1 AND state = 'asked'", order_no, now)
    return "applied" if hurried else "known"
