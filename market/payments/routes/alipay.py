"""Where Alipay reports, and where it sends the buyer back to."""

from __future__ import annotations

import logging
from typing import Any

from litestar import MediaType, Request, Response, get, post

from market.kernel.errors import NotFound
from market.payments import queries
from market.payments.actions.notifying import take_notify
from market.payments.actions.trades import hurry
from market.payments.alipay.notify import LARGEST_NOTIFY, Forged, verified
from market.payments.opening import NOTIFY_PATH, RETURN_PATH, gateway_in_force
from market.web.context import arrived_at
from market.web.receipts import redirect

AnyRequest = Request[Any, Any, Any]
log = logging.getLogger(__name__)


@post(NOTIFY_PATH, status_code=200, csrf_exempt=True, request_max_body_size=LARGEST_NOTIFY)
async def notify(request: AnyRequest) -> Response[str]:
    """A notify: "success" is said only once it is kept. What is not signed by Alipay gets no such answer."""
    raw, gateway = await request.body(), gateway_in_force()
    try:
        if gateway is None:
            raise Forged("no payments here")
        account = gateway.client.account
        params = verified(raw, account.alipay_keys, account.certificates)
    except Forged as problem:
        log.warning("a notify was refused: %s", problem)
        return Response("fail", status_code=400, media_type=MediaType.TEXT)
    await take_notify(params, raw.decode(), account=account, now=arrived_at(request))
    return Response("success", media_type=MediaType.TEXT)


@get(RETURN_PATH)
async def come_back(request: AnyRequest) -> Response[Any]:
    """The buyer is back. What the address says proves no payment: Alipay is asked, and the page shows what it says."""
    query, gateway = request.url.query.encode(), gateway_in_force()
    if not query or gateway is None:
        return redirect(request, "/payments")
    try:
        account = gateway.client.account
        params = verified(query, account.alipay_keys, account.certificates)
    except Forged:
        raise NotFound from None
    found = await queries.by_out_trade_no(params.get("out_trade_no", ""))
    if found is None:
        raise NotFound
    await hurry(params["out_trade_no"], now=arrived_at(request))
    return redirect(request, f"{found.url}?back=1")


routes: list[Any] = [notify, come_back]
