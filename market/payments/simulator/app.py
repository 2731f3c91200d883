"""The ASGI application of the simulated Alipay, and how it runs beside the market."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx

from market.kernel.clock import Clock
from market.payments.simulator import methods
from market.payments.simulator.asgi import Answer, Receive, Request, Scope, Send, read, write
from market.payments.simulator.books import Books
from market.payments.simulator.cashier import Cashier
from market.payments.simulator.faults import Faults
from market.payments.simulator.gateway import Gateway, hang
from market.payments.simulator.identity import Identity, open_identity
from market.payments.simulator.notices import Messenger

PASS_SECONDS: Final = 1
_STATIC: Final = Path(__file__).parent / "static"
log = logging.getLogger(__name__)


class Simulator:
    """`folder`: where keys and books lie, None for books in memory; `reach`: how it reaches the market's notify address."""

    def __init__(
        self, identity: Identity, books: Books, clock: Clock, address: str, *,
        reach: httpx.AsyncBaseTransport | None = None, hanging: Callable[[], Awaitable[None]] = hang,
    ) -> None:  # fmt: skip
        self.identity, self.books, self.clock, self.faults = identity, books, clock, Faults()
        self.gateway = Gateway(books, identity, clock, self.faults, address, hanging=hanging)
        self.cashier = Cashier(books, identity, clock)
        self._http = httpx.AsyncClient(transport=reach, timeout=10, trust_env=False, follow_redirects=False)
        self.messenger = Messenger(books, identity, self.faults, self._http)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await write(await self._answer(await read(scope, receive)), send)

    async def _answer(self, request: Request) -> Answer:
        head, _, rest = request.path.strip("/").partition("/")
        if head == "gateway.do":
            return await self.gateway.answer(request)
        if head == "cashier":
            return self.cashier.act(request, rest) if request.method == "POST" else self.cashier.page(request, rest)
        if head == "authorise":
            return self.cashier.code_page(request, rest)
        if head == "bills":
            return self.gateway.bill(rest.removesuffix(".zip"))
        if request.path == "/cashier.css":
            return Answer((_STATIC / "cashier.css").read_bytes(), kind="text/css")
        if head == "control":
            return self._control(request)
        return Answer(b"not found", 404, "text/plain")

    def _control(self, request: Request) -> Answer:
        """Failures on demand: POST {"method", "kind", "times"}, and what Alipay decides about an account: POST {"account",
        "status", "reason"}. A JSON body, so that no page of another site can send it."""
        if request.method != "POST" or request.headers.get("content-type") != "application/json":
            return Answer(b"POST one JSON object", 405, "text/plain")
        try:
            wanted = json.loads(request.body)
            if "account" in wanted:
                status, reason = str(wanted["status"]), str(wanted.get("reason", ""))
                methods.set_account(self.books, str(wanted["account"]), status, reason)
            else:
                self.faults.add(str(wanted["method"]), str(wanted["kind"]), int(wanted.get("times", 1)))
        except (ValueError, KeyError, TypeError) as problem:
            return Answer(str(problem).encode(), 422, "text/plain")
        return Answer(b"{}", kind="application/json")

    async def tick(self) -> int:
        """What is due by the clock happens: expiries, settlements, deliveries. Returns how many notifies were tried."""
        now = self.clock.now()
        methods.pass_time(self.books, now)
        return await self.messenger.deliver_due(now)

    async def run(self) -> None:
        """For ever, beside the server."""
        while True:
            try:
                await self.tick()
            except Exception:
                log.exception("the simulated Alipay stumbled; it goes on with the next pass")
            await asyncio.sleep(PASS_SECONDS)

    async def close(self) -> None:
        await self._http.aclose()
        self.books.close()


def open_simulator(folder: Path, clock: Clock, address: str) -> Simulator:
    """With the keys and books in this folder, which are made at first start."""
    identity = open_identity(folder)
    return Simulator(identity, Books(folder / "books.sqlite"), clock, address)
