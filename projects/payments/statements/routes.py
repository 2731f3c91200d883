"""An organisation's own statement of payments: page, PDF, table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import FormMultiDict

from market.kernel.calendar import beijing_date
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_, speaking
from market.web.context import arrived_at, running
from market.web.downloads import csv_response, pdf_response
from market.web.forms import Fields
from market.web.pages import locale_of, render
from market.web.viewer import Viewer, require_viewer
from projects.payments.sheets import pdf_of
from projects.payments.statements.papers import statement_csv, statement_sheet
from projects.payments.statements.queries import KINDS, Statement, statement_of

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Period:
    first: date
    last: date


def this_year(today: date) -> Period:
    return Period(date(today.year, 1, 1), today)


def parse_period(request: AnyRequest, today: date) -> Period:
    """What was asked for; nothing asked: this year so far. Raises FormInvalid."""
    if not {"from", "to"} & set(request.query_params):
        return this_year(today)
    fields = Fields(FormMultiDict(request.query_params.multi_items()))
    first, last = fields.day("from", N_("First day")), fields.day("to", N_("Last day"))
    if first is not None and last is not None and first > last:
        fields.wrong("to", N_("The last day lies before the first."))
    fields.check()
    assert first is not None
    assert last is not None
    return Period(first, last)


async def _statement(viewer: Viewer, period: Period) -> Statement:
    assert viewer.organisation_id is not None
    return await statement_of(viewer.organisation_id, period.first, period.last, owner=viewer.is_owner)


@get("/payments/statement")
async def statement_page(request: AnyRequest) -> Response[str]:
    viewer, today = require_viewer(request, "owner", "agency"), beijing_date(arrived_at(request))
    errors: Mapping[str, list[Message]] = {}
    try:
        period = parse_period(request, today)
    except FormInvalid as problem:
        period, errors = this_year(today), problem.errors
    return render(
        request, "payments/statement.html", status=422 if errors else 200, statement=await _statement(viewer, period), kinds=KINDS,
        errors=errors, query=f"from={period.first}&to={period.last}",
    )  # fmt: skip


@get("/payments/statement.pdf")
async def statement_pdf(request: AnyRequest) -> Response[bytes]:
    viewer, today = require_viewer(request, "owner", "agency"), beijing_date(arrived_at(request))
    statement, settings = await _statement(viewer, parse_period(request, today)), running(request).settings
    sheet = statement_sheet(
        statement, name=viewer.organisation_name, code=viewer.organisation_code, today=today, issuer=settings.site_name,
        public_url=settings.public_url, bilingual=locale_of(request) == "en",
    )  # fmt: skip
    return pdf_response(await pdf_of(sheet), f"{sheet.number}.pdf")


@get("/payments/statement.csv")
async def statement_table(request: AnyRequest) -> Response[bytes]:
    viewer, today = require_viewer(request, "owner", "agency"), beijing_date(arrived_at(request))
    period = parse_period(request, today)
    statement = await _statement(viewer, period)
    with speaking(locale_of(request)):
        return csv_response(statement_csv(statement), f"payments-{period.first}-{period.last}.csv")


routes: list[Any] = [statement_page, statement_pdf, statement_table]
