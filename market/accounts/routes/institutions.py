"""What the operator sets up: regulators with what they watch over, and corrections of the working-day calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
from litestar import Request, Response, get, post

from market.accounts import actions, queries
from market.accounts.calendar import correct_calendar, open_calendar_year, year_view
from market.accounts.forms import parse_institution
from market.accounts.passwords import hash_password
from market.accounts.routes.sign_up import region_options, taken
from market.catalogue.queries import catalogue_at
from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.kernel.times import load_calendar
from market.web.context import arrived_at, running
from market.web.forms import Fields, keep_values
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]


async def _page(request: AnyRequest, errors: Any, values: dict[str, Any], *, status: int = 200) -> Response[Any]:
    catalogue = await catalogue_at(arrived_at(request))
    locale = locale_of(request)
    departments = [(regulator.code, regulator.name.to(locale)) for regulator in catalogue.regulators]
    return render(
        request, "accounts/institutions.html", status=status, errors=errors, values=values, departments=departments,
        regulators=await queries.regulators(), regions=await region_options(request),
    )  # fmt: skip


@get("/operator/institutions")
async def institutions_page(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator")
    return await _page(request, {}, {})


@post("/operator/institutions")
async def add_institution(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator", role="admin")
    form = await request.form()
    try:
        new = parse_institution(form, await catalogue_at(arrived_at(request)))
        founder = replace(new.founder, password_hash=await hash_password(new.password))
        await _add(replace(new, founder=founder), request)
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, keep_values(form), status=422)
    return redirect(request, "/operator/institutions", notice=N_("{name} can sign in now."), name=founder.name)


async def _add(new: Any, request: AnyRequest) -> None:
    try:
        await actions.register_organisation(
            new.organisation, new.founder, now=arrived_at(request), scope=(new.region_prefix, new.department)
        )
    except asyncpg.UniqueViolationError as problem:
        raise taken(problem) from problem


async def _calendar(request: AnyRequest, errors: Any, values: dict[str, Any], *, status: int = 200) -> Response[Any]:
    now = arrived_at(request)
    years = [year_view(running(request).calendar, year) for year in (now.year, now.year + 1)]
    return render(
        request, "accounts/calendar.html", status=status, errors=errors, values=values, years=years,
        corrections=await queries.calendar_corrections(),
    )  # fmt: skip


@get("/operator/calendar")
async def calendar_page(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator")
    return await _calendar(request, {}, {})


@post("/operator/calendar")
async def correct_day(request: AnyRequest) -> Response[Any]:
    viewer, form = require_viewer(request, "operator", role="signatory"), await request.form()
    fields = Fields(form)
    day = fields.day("day", N_("Day"))
    working = fields.choice("working", N_("This day is"), ("working", "off")) == "working"
    reason = fields.text("reason", N_("Reason and source"), max_length=200, min_length=4)
    try:
        fields.check()
    except FormInvalid as invalid:
        return await _calendar(request, invalid.errors, keep_values(form), status=422)
    assert day is not None
    await correct_calendar(day, working=working, reason=reason, acting=viewer, now=arrived_at(request))
    running(request).calendar = await load_calendar()
    return redirect(request, "/operator/calendar", notice=N_("The calendar is corrected; it counts from now on."))


@post("/operator/calendar/years")
async def open_year(request: AnyRequest) -> Response[Any]:
    viewer, fields = require_viewer(request, "operator", role="signatory"), Fields(await request.form())
    year = fields.integer("year", N_("Year"), low=arrived_at(request).year, high=arrived_at(request).year + 5)
    fields.check()
    assert year is not None
    await open_calendar_year(year, acting=viewer, now=arrived_at(request))
    running(request).calendar = await load_calendar()
    return redirect(request, "/operator/calendar", notice=N_("The year is open: weekends and your corrections decide."))


routes: list[Any] = [institutions_page, add_institution, calendar_page, correct_day, open_year]
