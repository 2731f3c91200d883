"""Notifies: made when something changes, sent until the receiver says success, on Alipay's schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import httpx

from market.payments.simulator.books import Authorisation, Books, Notice, Trade
from market.payments.simulator.faults import Faults
from market.payments.simulator.identity import Identity
from market.payments.simulator.protocol import beijing, signed_notice, yuan

# After the first try, each pause: in all eight tries in a little more than a day.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (4, 10, 10, 60, 120, 360, 900))


def of_trade(books: Books, trade: Trade, now: datetime, *, refund: str = "") -> None:
    """A change of the trade's status or a refund. Partial refunds come as TRADE_SUCCESS once more."""
    params = {
        "notify_type": "trade_status_sync", "trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no,
        "trade_status": trade.status, "total_amount": yuan(trade.total), "subject": trade.subject, "body": "",
        "gmt_create": beijing(trade.created_at), "buyer_id": "2088102000000001",
    }  # fmt: skip
    if trade.paid_at:
        params |= {"gmt_payment": beijing(trade.paid_at), "receipt_amount": yuan(trade.total)}
    if trade.closed_at:
        params["gmt_close"] = beijing(trade.closed_at)
    if refund:
        params |= {"refund_fee": yuan(trade.refunded), "out_biz_no": refund, "gmt_refund": beijing(now)}
    _queue(books, trade.notify_url, params, now)


def of_authorisation(books: Books, found: Authorisation, now: datetime) -> None:
    params = {
        "notify_type": "fund_auth_freeze", "auth_no": found.auth_no, "out_order_no": found.out_order_no,
        "out_request_no": found.out_request_no, "operation_type": "FREEZE", "amount": yuan(found.total), "status": "SUCCESS",
        "gmt_trans": beijing(now), "rest_amount": yuan(found.rest), "total_freeze_amount": yuan(found.total),
    }  # fmt: skip
    _queue(books, found.notify_url, params, now)


def _queue(books: Books, url: str, params: Mapping[str, str], now: datetime) -> None:
    if url:
        at = now.isoformat()
        books.put(Notice(notify_id=uuid4().hex, url=url, params=dict(params), tries=0, next_at=at, made_at=at))


class Messenger:
    """Delivers what is due. `http` reaches the market; faults change what is delivered."""

    def __init__(self, books: Books, identity: Identity, faults: Faults, http: httpx.AsyncClient) -> None:
        self.books, self.identity, self.faults, self.http = books, identity, faults, http

    async def deliver_due(self, now: datetime) -> int:
        due = [one for one in self.books.notices() if one.next_at and datetime.fromisoformat(one.next_at) <= now]
        for notice in due:
            await self._try(notice, now)
        return len(due)

    async def _try(self, notice: Notice, now: datetime) -> None:
        fault = self.faults.take("notify")
        if fault == "delay":
            notice.next_at = (now + PAUSES[0]).isoformat()
            self.books.put(notice)
            return
        accepted = fault != "drop" and await self._send(notice.url, self.form(notice, fault, now))
        if fault == "duplicate":
            accepted = await self._send(notice.url, self.form(notice, None, now))
        pause = None if accepted or notice.tries >= len(PAUSES) else PAUSES[notice.tries]
        notice.tries += 1
        notice.next_at = (now + pause).isoformat() if pause else None
        self.books.put(notice)

    def form(self, notice: Notice, fault: str | None, now: datetime) -> dict[str, str]:
        """What is posted: the same notify_id and facts at every try, the time of this try, all signed."""
        params = {
            **notice.params, "notify_id": notice.notify_id, "notify_time": beijing(now), "app_id": self.identity.app_id,
            "auth_app_id": self.identity.app_id, "seller_id": self.identity.seller_id, "charset": "utf-8", "version": "1.0",
        }  # fmt: skip
        before = _BEFORE_SIGNING.get(fault or "")
        signed = signed_notice(before(params) if before else params, self.identity)
        return {**signed, "total_amount": "0.01"} if fault == "forged" else signed

    async def _send(self, url: str, form: Mapping[str, str]) -> bool:
        try:
            answer = await self.http.post(url, data=dict(form))
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.content == b"success"


# Faults with a valid signature: what only comparing with our own books can find.
_BEFORE_SIGNING: Final[dict[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "wrong_app": lambda params: {**params, "app_id": "2021000000000999"},
    "wrong_seller": lambda params: {**params, "seller_id": "2088000000000999"},
    "altered_amount": lambda params: {**params, "total_amount": "0.01"},
    "unknown_order": lambda params: {**params, "out_trade_no": "P" + "0" * 32},
}
