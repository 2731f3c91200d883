"""Money asked back before the work is accepted: the owner's request, the agency's answer."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from market.kernel.i18n import N_
from market.payments import queries
from market.payments.actions import refunding
from market.payments.forms import parse_refund_answer, parse_refund_request
from market.payments.routes.parties import page
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]


@post("/payments/{reference:str}/refund-requests", status_code=200)
@comes_back_to(page)
async def ask(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    payable = await queries.access_as_payer(viewer, reference)
    amount, reason = parse_refund_request(await read_form(request))
    await refunding.ask(reference, amount.fen, reason=reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{payable.url}#refund", notice=N_("Your request is recorded; the agency is asked."))


@post("/payments/{reference:str}/refund-requests/withdraw", status_code=200)
async def withdraw(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    payable = await queries.access_as_payer(viewer, reference)
    await refunding.withdraw(reference, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{payable.url}#refund", notice=N_("The request is withdrawn."))


@post("/payments/{reference:str}/refund-requests/answer", status_code=200)
@comes_back_to(page)
async def answer(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="signatory")
    payable = await queries.access_as_payee(viewer, reference)
    agrees, reason = parse_refund_answer(await read_form(request))
    await refunding.answer(reference, agrees=agrees, reason=reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{payable.url}#refund", notice=N_("Your answer is recorded."))


routes: list[Any] = [ask, withdraw, answer]
