"""The page on which both sides end a contract in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer, viewer_of
from projects.contracts.queries import may_read_all
from projects.fulfilment import queries, termination
from projects.fulfilment.forms import REASON_MAX, parse_change_answer, parse_termination
from projects.fulfilment.queries import Fulfilment

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/projects/{number:str}/termination")
async def termination_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """For the parties, the operator, and the regulators whose field it is."""
    found = await queries.fulfilment_of(number)
    if found is None or not await may_read_all(require_viewer(request), found.contract):
        raise NotFound
    return await _page(request, found, status=200)


async def _page(
    request: AnyRequest, fulfilment: Fulfilment, *, status: int, errors: Errors | None = None,
    values: Mapping[str, Any] | None = None,
) -> Response[str]:  # fmt: skip
    asked = await termination.terminations_of(fulfilment.contract.id)
    return render(
        request, "fulfilment/termination.html", status=status, fulfilment=fulfilment, contract=fulfilment.contract,
        side=fulfilment.contract.side_of(viewer_of(request).organisation_id), asked=asked, causes=termination.CAUSES,
        waiting=next((one for one in asked if one.answer is None), None), most=termination.open_price(fulfilment),
        errors=errors or {}, values=values or {}, reason_max=REASON_MAX,
    )  # fmt: skip


@post("/projects/{number:str}/termination", status_code=200)
async def ask(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    form = await read_form(request)
    try:
        new = parse_termination(form)
    except FormInvalid as problem:
        return await _page(request, fulfilment, status=422, errors=problem.errors, values=keep_values(form))
    await termination.ask(number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return _back(request, fulfilment, N_("Your request is recorded; the other side is asked."))


@post("/projects/{number:str}/termination/answer", status_code=200)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    form = await read_form(request)
    try:
        given = parse_change_answer(form)
    except FormInvalid as problem:
        return await _page(request, fulfilment, status=422, errors=problem.errors, values=keep_values(form))
    await termination.answer(
        number, no=given.no, agrees=given.agrees, reason=given.reason, viewer=viewer, now=arrived_at(request)
    )
    return _back(request, fulfilment, N_("Your answer is recorded."))


def _back(request: AnyRequest, fulfilment: Fulfilment, notice: str) -> Response[Any]:
    return redirect(request, f"{fulfilment.contract.project_url}/termination", notice=notice)


routes: list[Any] = [termination_page, ask, answer]
