"""What the page of the end of a contract sends for an end by one side, and the settlement that follows any early end."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer, viewer_of
from projects.contracts.queries import rulebook_of
from projects.contracts.rules import Side
from projects.fulfilment import queries
from projects.fulfilment.queries import Fulfilment
from projects.fulfilment.rescission import actions, forms
from projects.fulfilment.rescission.queries import settlement_of
from projects.fulfilment.rescission.rules import NAMES, Ground, grounds_of
from projects.fulfilment.rescission.settlement import confirm as confirm_settlement
from projects.fulfilment.termination import routes as termination_routes
from projects.fulfilment.termination.actions import check_settlement
from projects.fulfilment.termination.queries import CAUSES

AnyRequest = Request[Any, Any, Any]


async def _party(request: AnyRequest, number: str) -> tuple[Viewer, Fulfilment, tuple[Ground, ...]]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, side = await queries.access_to_clock(viewer, number)
    book = await rulebook_of(fulfilment.contract)
    return viewer, fulfilment, grounds_of(side, book.texts("contract.rescission_grounds"))


@post("/projects/{number:str}/termination/warning", status_code=200)
@comes_back_to(termination_routes.page)
async def warn(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, fulfilment, grounds = await _party(request, number)
    ground, reason = forms.parse_warning(await read_form(request), grounds)
    await actions.warn(
        number, ground, reason, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request)
    )
    return termination_routes.back(request, fulfilment, N_("Your warning is recorded; the other side is told."))


@post("/projects/{number:str}/termination/notice", status_code=200)
@comes_back_to(termination_routes.page)
async def notify(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """First shows what follows; sent again with `confirmed` the notice is given."""
    viewer, fulfilment, grounds = await _party(request, number)
    new, confirmed = forms.parse_notice(await read_form(request), grounds)
    if not confirmed:
        check_settlement(fulfilment, new.settlement_fen)
        return render(request, "fulfilment/notice_confirm.html", contract=fulfilment.contract, new=new, names=NAMES,
                      side=fulfilment.contract.side_of(viewer.organisation_id))  # fmt: skip
    await actions.notify(number, new, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return termination_routes.back(request, fulfilment, N_("Your notice is recorded; the other side is told."))


@post("/projects/{number:str}/termination/notice/withdraw", status_code=200)
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, fulfilment, _ = await _party(request, number)
    await actions.withdraw(number, viewer=viewer, now=arrived_at(request))
    return termination_routes.back(request, fulfilment, N_("Your notice is withdrawn; the contract goes on."))


@post("/projects/{number:str}/termination/notice/answer", status_code=200)
@comes_back_to(termination_routes.page)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, fulfilment, _ = await _party(request, number)
    objects, reason = forms.parse_answer(await read_form(request))
    await actions.answer(
        number,
        objects=objects,
        reason=reason,
        viewer=viewer,
        calendar=running(request).calendar,
        now=arrived_at(request),
    )
    notice = N_("Your objection is recorded; the regulator decides.") if objects else N_("The contract has ended.")
    return termination_routes.back(request, fulfilment, notice)


@post("/projects/{number:str}/termination/decision", status_code=200)
@comes_back_to(termination_routes.page)
async def decide(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "regulator", role="handler")
    fulfilment = await queries.access_readable(viewer, number)
    decision = forms.parse_decision(await read_form(request))
    await actions.decide(number, decision, viewer=viewer, now=arrived_at(request))
    return termination_routes.back(request, fulfilment, N_("Your decision is recorded; both sides are told."))


@get("/projects/{number:str}/settlement")
async def settlement_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """A sheet to print, for the parties, the operator, and the regulators whose field it is."""
    fulfilment = await queries.access_readable(require_viewer(request), number)
    settlement = await settlement_of(fulfilment.contract.id)
    if settlement is None:
        raise NotFound
    contract, settings = fulfilment.contract, running(request).settings
    return render(
        request, "fulfilment/settlement.html", contract=contract, settlement=settlement, names=NAMES | CAUSES,
        side=contract.side_of(viewer_of(request).organisation_id), sides=tuple(Side),
        address=f"{settings.public_url}{contract.project_url}/settlement",
    )  # fmt: skip


@post("/projects/{number:str}/settlement", status_code=200)
async def confirm(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    fulfilment, _ = await queries.access_to_clock(viewer, number)
    shown = str((await read_form(request)).get("sha256", ""))
    await confirm_settlement(fulfilment.contract.number, sha256=shown, viewer=viewer, now=arrived_at(request))
    address = f"{fulfilment.contract.project_url}/settlement"
    return redirect(request, address, notice=N_("Your confirmation is recorded."))


routes: list[Any] = [warn, notify, withdraw, answer, decide, settlement_page, confirm]
