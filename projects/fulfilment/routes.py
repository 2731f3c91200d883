"""Pages of delivery and acceptance, and the protected download of delivered files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from agencies.queries import practitioners
from agencies.rules import HeldPractitioner
from market.kernel.calendar import beijing_date
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.fulfilment import actions, queries, rules
from projects.fulfilment.agenda import routes as agenda_routes
from projects.fulfilment.clock import routes as clock_routes
from projects.fulfilment.forms import (
    FILES_MOST,
    REASONS_MOST,
    STATEMENT_MAX,
    WHAT_MAX,
    Answer,
    parse_answer,
    parse_delivery,
)
from projects.fulfilment.panels import lit_step
from projects.fulfilment.queries import Fulfilment
from projects.fulfilment.rescission import routes as rescission_routes
from projects.fulfilment.termination import routes as termination_routes

AnyRequest = Request[Any, Any, Any]


@get("/projects/{number:str}/delivery")
async def delivery_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _delivery_form(request, number)


async def _for_delivery(request: AnyRequest, number: str) -> tuple[Viewer, Fulfilment]:
    """Raises Refusal where nothing is to be delivered now."""
    viewer = require_viewer(request, "agency", role="handler")
    fulfilment = await queries.access_for_delivery(viewer, number)
    actions.check_delivering(fulfilment)
    return viewer, fulfilment


async def _delivery_form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, fulfilment = await _for_delivery(request, number)
    now, calendar = arrived_at(request), running(request).calendar
    return render(
        request, "fulfilment/deliver.html", fulfilment=fulfilment, contract=fulfilment.contract,
        practitioners=await _responsible(fulfilment, now),
        step=await lit_step(request, fulfilment, now), late=rules.late_days(fulfilment.limit, now, calendar=calendar),
        accept=",".join(ENDINGS), files_most=FILES_MOST, statement_max=STATEMENT_MAX,
        megabytes=running(request).settings.upload_limit_bytes // (1024 * 1024), **typed,
    )  # fmt: skip


async def _responsible(fulfilment: Fulfilment, now: datetime) -> list[HeldPractitioner]:
    """Who may answer for the results: the agency's accepted practitioners whose registration is in force."""
    today = beijing_date(now)
    return [one for one in await practitioners(fulfilment.contract.agency_id) if one.valid_until >= today]


@post("/projects/{number:str}/delivery", status_code=200)
@comes_back_to(_delivery_form)
async def deliver(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, fulfilment = await _for_delivery(request, number)
    here, now = running(request), arrived_at(request)
    delivery = await parse_delivery(
        await read_form(request), practitioners={one.id for one in await _responsible(fulfilment, now)},
        practitioner_needed=fulfilment.contract.terms.practitioners_needed > 0, limit=here.settings.upload_limit_bytes,
    )  # fmt: skip
    await actions.deliver(number, delivery, viewer=viewer, files=here.files, calendar=here.calendar, now=now)
    return redirect(request, f"{fulfilment.contract.project_url}#fulfilment", notice=N_("Your delivery is recorded."))


@get("/projects/{number:str}/acceptance")
async def acceptance_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    fulfilment = await _to_answer(request, number)
    if not rules.check_accepting(fulfilment.facts):
        return redirect(request, f"{fulfilment.contract.project_url}#fulfilment")
    return await _answer_form(request, number)


async def _to_answer(request: AnyRequest, number: str) -> Fulfilment:
    return await queries.access_for_answer(require_viewer(request, "owner"), number)


async def _answer_form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    fulfilment = await _to_answer(request, number)
    rules.check_accepting(fulfilment.facts)
    return render(
        request, "fulfilment/answer.html", fulfilment=fulfilment, contract=fulfilment.contract,
        delivery=fulfilment.last, reasons_most=REASONS_MOST, what_max=WHAT_MAX,
        step=await lit_step(request, fulfilment, arrived_at(request)),
        returns_left=max(fulfilment.terms.returns_max - rules.returns_so_far(fulfilment.facts), 0), **typed,
    )  # fmt: skip


@post("/projects/{number:str}/acceptance", status_code=200)
@comes_back_to(_answer_form)
async def answer(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    fulfilment = await _to_answer(request, number)
    given = parse_answer(await read_form(request))
    if given.decision == "accept":
        return await _accept(request, fulfilment, given)
    return await _return(request, fulfilment, given)


async def _accept(request: AnyRequest, fulfilment: Fulfilment, given: Answer) -> Response[Any]:
    """Acceptance binds the owner: it takes a signatory."""
    viewer = require_viewer(request, "owner", role="signatory")
    if rules.check_accepting(fulfilment.facts) and not given.confirmed:
        return render(
            request,
            "fulfilment/accept_confirm.html",
            contract=fulfilment.contract,
            delivery=fulfilment.last,
            fulfilment=fulfilment,
        )
    await actions.accept(
        fulfilment.contract.project_number, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request)
    )
    return redirect(request, f"{fulfilment.contract.project_url}#fulfilment", notice=N_("Your acceptance is recorded."))


async def _return(request: AnyRequest, fulfilment: Fulfilment, given: Answer) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    now, calendar = arrived_at(request), running(request).calendar
    rules.check_return(fulfilment.facts, fulfilment.terms, now=fulfilment.answering_at(now))
    if not given.confirmed:
        limit = rules.correction_limit(fulfilment.limit, now, fulfilment.terms, calendar=calendar)
        return render(
            request, "fulfilment/return_confirm.html", contract=fulfilment.contract, delivery=fulfilment.last,
            reasons=given.reasons, limit=limit, times=rules.returns_so_far(fulfilment.facts) + 1,
        )  # fmt: skip
    await actions.return_delivery(
        fulfilment.contract.project_number, given.reasons, viewer=viewer, calendar=calendar, now=now
    )
    return redirect(request, f"{fulfilment.contract.project_url}#fulfilment", notice=N_("Your return is recorded."))


@get("/deliveries/{delivery_id:uuid}/files/{file_id:uuid}")
async def delivered_file(request: AnyRequest, delivery_id: FromPath[UUID], file_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    return await download(request, await queries.access_file(require_viewer(request), delivery_id, file_id))


routes: list[Any] = [
    delivery_page,
    deliver,
    acceptance_page,
    answer,
    delivered_file,
    *clock_routes.routes,
    *agenda_routes.routes,
    *termination_routes.routes,
    *rescission_routes.routes,
]
