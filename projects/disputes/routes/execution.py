"""What people do while an outcome is carried out: transfer back, confirm it, tell Alipay again."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.contracts.rules import Side
from projects.disputes import queries
from projects.disputes.actions import executing
from projects.disputes.forms import parse_received, parse_transfer
from projects.disputes.routes.cases import shown

AnyRequest = Request[Any, Any, Any]


@post("/disputes/{number:str}/transfer")
@comes_back_to(shown)
async def state_transfer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="handler")
    found, _ = await queries.access_as_side(viewer, number)
    now = arrived_at(request)
    new = parse_transfer(await read_form(request), today=beijing_date(now))
    await executing.state_transfer(number, new, viewer=viewer, now=now)
    return redirect(
        request, f"{found.url}#execution", notice=N_("The transfer is recorded; the owner is asked to confirm it.")
    )


@post("/disputes/{number:str}/transfer-answer")
@comes_back_to(shown)
async def answer_transfer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    found, side = await queries.access_as_side(viewer, number)
    if side is not Side.OWNER:
        raise NotFound
    received, reason = parse_received(await read_form(request))
    await executing.answer_transfer(number, received=received, reason=reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{found.url}#execution", notice=N_("Your answer is recorded."))


@post("/disputes/{number:str}/retry")
async def try_again(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "operator", role="handler")
    found = await queries.access_dispute(viewer, number)
    await executing.try_again(number, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{found.url}#execution", notice=N_("Alipay is told again."))


routes: list[Any] = [state_transfer, answer_transfer, try_again]
