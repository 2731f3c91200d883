"""The operator's page of money: Alipay's bill against the ledger day by day, and what somebody must look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_
from market.payments import queries
from market.payments.actions import accounts, reconciling
from market.payments.actions.alarms import resolve_alarm
from market.payments.forms import parse_resolution
from market.payments.panels import alarm_facts
from market.web.context import arrived_at
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _operator(request: AnyRequest) -> tuple[Viewer, UUID]:
    viewer = require_viewer(request, "operator")
    assert viewer.person_id is not None
    return viewer, viewer.person_id


@get("/operator/payments")
async def overview(request: AnyRequest) -> Response[str]:
    _operator(request)
    return await _overview(request)


async def _overview(request: AnyRequest, *, status: int = 200, errors: Errors | None = None, values: Any = None) -> Response[str]:  # fmt: skip
    return render(
        request, "payments/reconciliation.html", status=status, days=await queries.bill_days(), alarms=await queries.open_alarms(),
        faults=await queries.faults_of_the_ledger(), breaks=await queries.open_breaks_by_kind(), held=await queries.held_by_alipay(),
        facts_of=alarm_facts, errors=errors or {}, values=values or {},
    )  # fmt: skip


@get("/operator/payments/{day:str}")
async def day_page(request: AnyRequest, day: FromPath[str]) -> Response[str]:
    _operator(request)
    return await _day_page(request, _day(day))


async def _day_page(request: AnyRequest, day: date, *, status: int = 200, errors: Errors | None = None, values: Any = None) -> Response[str]:  # fmt: skip
    found = await queries.bill_day(day)
    return render(
        request, "payments/day.html", status=status, day=found, breaks=await queries.breaks_of(found.day),
        lines=await queries.lines_of(found.day), errors=errors or {}, values=values or {},
    )  # fmt: skip


@post("/operator/payments/{day:str}/fetch", status_code=200)
async def fetch_again(request: AnyRequest, day: FromPath[str]) -> Response[Any]:
    _operator(request)
    await reconciling.fetch_again(_day(day), now=arrived_at(request))
    return redirect(request, f"/operator/payments/{day}", notice=N_("Alipay is asked for this bill again."))


@post("/operator/payments/{day:str}/close", status_code=200)
async def close(request: AnyRequest, day: FromPath[str]) -> Response[Any]:
    _, person_id = _operator(request)
    await reconciling.close_day(_day(day), by=person_id, now=arrived_at(request))
    return redirect(request, f"/operator/payments/{day}", notice=N_("The day is closed."))


@post("/operator/payments/{day:str}/breaks/{break_id:uuid}", status_code=200)
async def resolve(request: AnyRequest, day: FromPath[str], break_id: FromPath[UUID]) -> Response[Any]:
    _, person_id = _operator(request)
    form = await read_form(request)
    try:
        resolution = parse_resolution(form, f"break_{break_id}")
    except FormInvalid as problem:
        return await _day_page(request, _day(day), status=422, errors=problem.errors, values=keep_values(form))
    await reconciling.resolve_break(break_id, resolution=resolution, by=person_id, now=arrived_at(request))
    return redirect(request, f"/operator/payments/{_day(day)}", notice=N_("What was done is recorded."))


@post("/operator/payment-alarms/{alarm_id:uuid}", status_code=200)
async def settle_alarm(request: AnyRequest, alarm_id: FromPath[UUID]) -> Response[Any]:
    _, person_id = _operator(request)
    form = await read_form(request)
    try:
        resolution = parse_resolution(form, f"alarm_{alarm_id}")
    except FormInvalid as problem:
        return await _overview(request, status=422, errors=problem.errors, values=keep_values(form))
    await resolve_alarm(alarm_id, resolution=resolution, by=person_id, now=arrived_at(request))
    return redirect(request, "/operator/payments", notice=N_("What was done is recorded."))


@get("/operator/payment-accounts")
async def accounts_page(request: AnyRequest) -> Response[str]:
    _operator(request)
    return render(request, "payments/accounts.html", accounts=await queries.accounts())


@post("/operator/payment-accounts/{account_id:uuid}/freeze", status_code=200)
async def freeze(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    _operator(request)
    await accounts.set_frozen(account_id, now=arrived_at(request))
    return redirect(
        request, "/operator/payment-accounts", notice=N_("Nothing more is paid into this account or released to it.")
    )


@post("/operator/payment-accounts/{account_id:uuid}/unfreeze", status_code=200)
async def unfreeze(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    _operator(request)
    await accounts.set_working(account_id, now=arrived_at(request))
    return redirect(request, "/operator/payment-accounts", notice=N_("Payments to this account go on."))


routes: list[Any] = [accounts_page, freeze, unfreeze, overview, day_page, fetch_again, close, resolve, settle_alarm]
