"""The page of the time limit: ask for a stop or for more time, answer, go on; the regulator may revoke."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.contracts.queries import rulebook_of
from projects.fulfilment import queries
from projects.fulfilment.clock import actions
from projects.fulfilment.clock.forms import parse_change, parse_revocation
from projects.fulfilment.clock.rules import CAUSES
from projects.fulfilment.forms import REASON_MAX, parse_change_answer
from projects.fulfilment.panels import lit_step
from projects.fulfilment.queries import Fulfilment

AnyRequest = Request[Any, Any, Any]


@get("/projects/{number:str}/clock")
async def clock_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _page(request, number)


async def _page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request)
    fulfilment = await queries.access_readable(viewer, number)
    book = await rulebook_of(fulfilment.contract)
    causes = [(one, CAUSES[one]) for one in book.texts("fulfilment.suspension_kinds") if one in CAUSES]
    return render(
        request, "fulfilment/clock.html", status=status, fulfilment=fulfilment, contract=fulfilment.contract,
        side=fulfilment.contract.side_of(viewer.organisation_id), causes=causes, cause_names=CAUSES,
        step=await lit_step(request, fulfilment, arrived_at(request)), reason_max=REASON_MAX, watches=viewer.is_regulator,
        **typed,
    )  # fmt: skip


@post("/projects/{number:str}/clock", status_code=200)
@comes_back_to(_page)
async def ask(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    fulfilment, side = await queries.access_to_clock(viewer, number)
    form, book = await read_form(request), await rulebook_of(fulfilment.contract)
    new = parse_change(form, side, causes=book.texts("fulfilment.suspension_kinds"), most=fulfilment.milestone.days)
    await actions.ask(number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return _back(request, fulfilment, N_("Your request is recorded; the other side is asked."))


@post("/projects/{number:str}/clock/answer", status_code=200)
@comes_back_to(_page)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    given = parse_change_answer(await read_form(request))
    await actions.answer(
        number, no=given.no, agrees=given.agrees, reason=given.reason, viewer=viewer, calendar=running(request).calendar,
        now=arrived_at(request),
    )  # fmt: skip
    return _back(request, fulfilment, N_("Your answer is recorded."))


@post("/projects/{number:str}/clock/resume", status_code=200)
async def resume(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    await actions.resume(number, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return _back(request, fulfilment, N_("The clock runs again."))


@post("/projects/{number:str}/clock/revoke", status_code=200)
@comes_back_to(_page)
async def revoke(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "regulator", role="handler")
    fulfilment = await queries.access_readable(viewer, number)
    no, reason = parse_revocation(await read_form(request))
    await actions.revoke(number, no=no, reason=reason, viewer=viewer, now=arrived_at(request))
    return _back(request, fulfilment, N_("The stop is revoked; both sides are told."))


def _back(request: AnyRequest, fulfilment: Fulfilment, notice: str) -> Response[Any]:
    return redirect(request, f"{fulfilment.contract.project_url}/clock", notice=notice)


routes: list[Any] = [clock_page, ask, answer, resume, revoke]
