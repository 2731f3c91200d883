"""The firm's side: its view, its appeal, its request for repair."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.receipts import redirect
from ratings.cases import actions, rules
from ratings.cases.actions.repairing import check_repair
from ratings.cases.forms import parse_appeal, parse_repair, parse_statement
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import AnyRequest, as_firm, step_page


@get("/cases/{number:str}/statement")
async def statement_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_firm(request, number)
    return await _statement_page(request, found)


async def _statement_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_statement(found.history, found.now)
    return await step_page(request, "cases/state.html", found, status=status, **typed)


@post("/cases/{number:str}/statement", status_code=200)
async def state(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_firm(request, number)
    here, form = running(request), await read_form(request)
    try:
        statement = await parse_statement(form, limit=here.settings.upload_limit_bytes)
    except FormInvalid as invalid:
        return await _statement_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    await actions.state(number, statement, viewer=viewer, files=here.files, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your view is recorded. You may add to it until your time ends."))


@get("/cases/{number:str}/appeal")
async def appeal_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_firm(request, number)
    return await _appeal_page(request, found)


async def _appeal_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_appeal(found.history, found.now)
    return await step_page(request, "cases/appeal.html", found, status=status, **typed)


@post("/cases/{number:str}/appeal", status_code=200)
async def appeal(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_firm(request, number)
    here, form = running(request), await read_form(request)
    try:
        new = await parse_appeal(form, limit=here.settings.upload_limit_bytes)
    except FormInvalid as invalid:
        return await _appeal_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    await actions.appeal(number, new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your appeal is recorded; a third person decides about it."))


@get("/cases/{number:str}/repair")
async def repair_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_firm(request, number)
    return await _repair_page(request, found)


async def _repair_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    await check_repair(found)
    return await step_page(request, "cases/repair.html", found, status=status, **typed)


@post("/cases/{number:str}/repair", status_code=200)
async def ask_repair(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_firm(request, number)
    here, form = running(request), await read_form(request)
    try:
        wanted = await parse_repair(form, limit=here.settings.upload_limit_bytes)
    except FormInvalid as invalid:
        return await _repair_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    await actions.ask_repair(
        number, wanted, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(request, found.url, notice=N_("Your request for repair is recorded."))


routes: list[Any] = [statement_page, state, appeal_page, appeal, repair_page, ask_repair]
