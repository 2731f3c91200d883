"""/gateway.do: checks a call, does it, writes the answer, and fails as it was told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final

from market.kernel.calendar import beijing_date
from market.kernel.clock import Clock
from market.payments.alipay import rsa2
from market.payments.simulator import bills, methods, protocol
from market.payments.simulator.asgi import Answer, Request, redirect
from market.payments.simulator.books import Books, Order
from market.payments.simulator.faults import Faults
from market.payments.simulator.identity import Identity
from market.payments.simulator.protocol import Call, NotForUs, Refused

PAGES: Final = frozenset({"alipay.trade.page.pay", "alipay.trade.wap.pay"})
BILLS: Final = "alipay.data.dataservice.bill.downloadurl.query"
BILL_LIVES: Final = timedelta(seconds=30)
_NEVER: Final = {"http502": (502, b"<html>502 Bad Gateway</html>"), "html200": (200, b"<html><body>busy</body></html>")}


async def hang() -> None:
    """Until the caller gives up."""
    await asyncio.Event().wait()


class Gateway:
    """`address`: where browsers and bills find this simulator; `hanging` stands in for endless silence in tests."""

    def __init__(
        self, books: Books, identity: Identity, clock: Clock, faults: Faults, address: str,
        *, hanging: Callable[[], Awaitable[None]] = hang,
    ) -> None:  # fmt: skip
        self.books, self.identity, self.clock, self.faults = books, identity, clock, faults
        self.address, self.hanging = address, hanging
        self.bills: dict[str, tuple[date, datetime]] = {}

    async def answer(self, request: Request) -> Answer:
        now = self.clock.now()
        try:
            params = protocol.decode_params(request.query, request.body)
            method = params.get("method", "")
            call = protocol.checked(params, self.identity, self.identity.merchant_key.public_key(), now=now)
        except (NotForUs, ValueError) as problem:
            node = problem.node if isinstance(problem, NotForUs) else NotForUs("isv.invalid-parameter", "参数无效").node
            return self._written("error" if isinstance(problem, ValueError) else method or "error", node, signed=False)
        if method in PAGES:
            return self._to_cashier(call, now)
        return await self._called(call, now)

    def _to_cashier(self, call: Call, now: datetime) -> Answer:
        token = token_urlsafe(16)
        addresses = call.params.get("notify_url", ""), call.params.get("return_url", "")
        self.books.put(Order(token, call.method, dict(call.biz), *addresses, now.isoformat()))
        return redirect(f"{self.address}/cashier/{token}")

    async def _called(self, call: Call, now: datetime) -> Answer:
        if call.method not in methods.METHODS and call.method != BILLS:
            node = NotForUs("isv.invalid-method", "不存在的方法名").node
            return self._written("error", node, signed=False)
        fault = self.faults.take(call.method)
        early = await self._fails_before(fault, call)
        if early is not None:
            return early
        node = self._do(call, now)
        return await self._fails_after(fault, call, node)

    def _do(self, call: Call, now: datetime) -> dict[str, Any]:
        try:
            done = (
                self._bill(call, now) if call.method == BILLS else methods.METHODS[call.method](self.books, call, now)
            )
        except Refused as refused:
            return {
                "code": refused.code,
                "msg": "Business Failed",
                "sub_code": refused.sub_code,
                "sub_msg": refused.sub_msg,
            }
        if "code_value" in done:  # what the picture says is an address, as Alipay's own codes are
            done = {**done, "code_value": f"{self.address}/authorise/{done['code_value']}"}
        return {"code": "10000", "msg": "Success", **done}

    async def _fails_before(self, fault: str | None, call: Call) -> Answer | None:
        if fault == "hang":
            await self.hanging()
        if fault in _NEVER:
            status, body = _NEVER[fault]
            return Answer(body, status)
        nodes = {
            "busy": {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error", "sub_msg": "系统繁忙"},
            "limited": {"code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited", "sub_msg": "调用频次超限"},
            "system_error": {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.SYSTEM_ERROR", "sub_msg": "系统错误"},
        }  # fmt: skip
        return self._written(call.method, nodes[fault], signed=True) if fault in nodes else None

    async def _fails_after(self, fault: str | None, call: Call, node: dict[str, Any]) -> Answer:
        if fault == "commit_then_hang":
            await self.hanging()
        if fault == "commit_then_system_error":
            node = {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.SYSTEM_ERROR", "sub_msg": "系统错误"}
        if fault == "other_order":
            node = {
                **node,
                **{name: f"{node[name]}9" for name in ("out_trade_no", "trade_no", "auth_no") if name in node},
            }
        if fault == "unsigned":
            return self._written(call.method, node, signed=False)
        answer = self._written(call.method, node, signed=True)
        if fault == "sign_first":
            raw = protocol.written(node)
            sign = rsa2.sign(self.identity.alipay_key, raw.encode())
            name = call.method.replace(".", "_") + "_response"
            return Answer(f'{{"sign":"{sign}","{name}":{raw}}}'.encode())
        assert isinstance(answer.body, bytes)
        if fault == "bad_sign":
            return Answer(answer.body.replace(b'"sign":"', b'"sign":"AAAA'))
        if fault in {"drip", "huge"}:
            return Answer(_endless(answer.body, self.hanging if fault == "drip" else None))
        return answer

    def _written(self, method: str, node: dict[str, Any], *, signed: bool) -> Answer:
        return Answer(protocol.answer(method, node, self.identity, signed=signed).encode())

    def _bill(self, call: Call, now: datetime) -> dict[str, Any]:
        day = date.fromisoformat(call.word("bill_date"))
        if day >= beijing_date(now) or not bills.rows_of(self.books.trades(), day):
            raise Refused("isp.bill_not_exist", "账单不存在")
        token = token_urlsafe(16)
        self.bills[token] = (day, now + BILL_LIVES)
        return {"bill_download_url": f"{self.address}/bills/{token}.zip"}

    def bill(self, token: str) -> Answer:
        day, until = self.bills.get(token, (date.min, datetime.min.replace(tzinfo=self.clock.now().tzinfo)))
        if self.clock.now() > until:
            return Answer(b"<html>expired</html>", 403)
        rows = bills.rows_of(self.books.trades(), day)
        return Answer(bills.archive(rows, day, self.identity.seller_id), kind="application/zip")


async def _endless(body: bytes, dripping: Callable[[], Awaitable[None]] | None) -> AsyncIterator[bytes]:
    yield body[:10]
    if dripping is not None:
        await dripping()
    for _ in range(1000):
        yield b" " * 4096
