"""The page on which a contract in force ends before it is performed: by agreement, or by the notice of one side."""

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
from market.web.viewer import require_viewer, viewer_of
from projects.contracts.queries import rulebook_of
from projects.fulfilment import queries
from projects.fulfilment.forms import REASON_MAX, parse_change_answer
from projects.fulfilment.queries import Fulfilment
from projects.fulfilment.rescission import queries as rescission
from projects.fulfilment.rescission.rules import NAMES, grounds_of, warned_of
from projects.fulfilment.termination import actions
from projects.fulfilment.termination.forms import parse_termination
from projects.fulfilment.termination.queries import CAUSES, open_price, terminations_of

AnyRequest = Request[Any, Any, Any]


@get("/projects/{number:str}/termination")
async def termination_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await page(request, number)


async def page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    """For the parties, the operator, and the regulators whose field it is. `typed`: what was wrong with one of its forms."""
    viewer = require_viewer(request)
    fulfilment = await queries.access_readable(viewer, number)
    contract = fulfilment.contract
    asked = await terminations_of(contract.id)
    return render(
        request, "fulfilment/termination.html", status=status, fulfilment=fulfilment, contract=contract, asked=asked,
        side=contract.side_of(viewer.organisation_id), causes=CAUSES,
        waiting=next((one for one in asked if one.answer is None), None), most=open_price(fulfilment), reason_max=REASON_MAX,
        decides=viewer.is_regulator and viewer.has_role("handler"), **await _one_sided(request, fulfilment), **typed,
    )  # fmt: skip


async def _one_sided(request: AnyRequest, fulfilment: Fulfilment) -> dict[str, Any]:
    contract, book = fulfilment.contract, await rulebook_of(fulfilment.contract)
    side = contract.side_of(viewer_of(request).organisation_id)
    warnings, notices = await rescission.warnings_of(contract.id), await rescission.notices_of(contract.id)
    facts = await rescission.facts_of(fulfilment, now=arrived_at(request))
    grounds = grounds_of(side, book.texts("contract.rescission_grounds")) if side else ()
    to_warn = [
        one for one in grounds
        if (late := facts.of(one)) and warned_of(one, late, [warning.facts for warning in warnings]) is None
    ]  # fmt: skip
    return {
        "warnings": warnings, "notices": notices, "grounds": grounds, "ground_names": NAMES, "to_warn": to_warn,
        "notice": next((one for one in notices if one.outcome is None), None),
        "settlement": await rescission.settlement_of(contract.id),
        "overdue_days": book.working_days("contract.rescission_overdue_days"),
    }  # fmt: skip


@post("/projects/{number:str}/termination", status_code=200)
@comes_back_to(page)
async def ask(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    new = parse_termination(await read_form(request))
    await actions.ask(number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return back(request, fulfilment, N_("Your request is recorded; the other side is asked."))


@post("/projects/{number:str}/termination/answer", status_code=200)
@comes_back_to(page)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    given = parse_change_answer(await read_form(request))
    await actions.answer(
        number, no=given.no, agrees=given.agrees, reason=given.reason, viewer=viewer, now=arrived_at(request)
    )
    return back(request, fulfilment, N_("Your answer is recorded."))


def back(request: AnyRequest, fulfilment: Fulfilment, notice: str) -> Response[Any]:
    return redirect(request, f"{fulfilment.contract.project_url}/termination", notice=notice)


routes: list[Any] = [termination_page, ask, answer]
