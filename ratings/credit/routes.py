"""An agency's credit as an account statement, for any past day, as a page and as JSON; and how it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery, Parameter

from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date, end_of_day
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import Fields, keep_values
from market.web.pages import render
from market.web.viewer import require_viewer
from ratings.credit import explained, queries
from ratings.credit.export import statement_json
from ratings.credit.panels import chart_points, pause_rows, statement_lines
from ratings.credit.rules import Score, points_text
from ratings.credit.what_if import WhatIf, parse_what_if, view_of

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
CHART_MONTHS = 12
AT = N_("Statement as of the end of")
SHEET = 50  # lines of a statement on one page
Number = Annotated[int, Parameter(ge=1, le=100_000)]


def moment_asked(at: str | None, now: datetime) -> datetime:
    """The end of the asked day, or now; days that have not ended mean now. Raises FormInvalid for what is no day."""
    fields = Fields(FormMultiDict({"at": at or ""}))
    day = fields.day("at", AT, required=False)
    fields.check()
    return min(end_of_day(day), now) if day else now


@get("/agencies/{code:str}/credit")
async def statement_page(
    request: AnyRequest, code: FromPath[str], at: FromQuery[str | None] = None, page: FromQuery[Number] = 1
) -> Response[str]:
    """The newest lines first page by page, each page in the order of time and with its opening balance."""
    now, errors = arrived_at(request), {}
    try:
        moment = moment_asked(at, now)
    except FormInvalid as problem:
        moment, errors = now, dict(problem.errors)
    account = await queries.agency_account(code, moment)
    return render(
        request, "ratings/credit.html", status=422 if errors else 200, errors=errors, account=account, today=moment == now, points=points_text(account.score.points),
        shown_day=beijing_date(now) if moment == now else at, pauses=pause_rows(account),
        history=chart_points(account, months=CHART_MONTHS), **_sheet(account.score, page),
    )  # fmt: skip


def _sheet(score: Score, page: int) -> dict[str, Any]:
    """One page of a statement; `closing` only where it is the balance now."""
    end = max(len(score.lines) - (page - 1) * SHEET, 0)
    start = max(end - SHEET, 0)
    opening = score.lines[start - 1].balance if start else score.opening
    lines = statement_lines(replace(score, lines=score.lines[start:end]))
    closing = points_text(score.points) if page == 1 else None
    return {"lines": lines, "opening": points_text(opening), "closing": closing, "page": page, "total": len(score.lines),
            "pages": max(-(-len(score.lines) // SHEET), 1)}  # fmt: skip


@get("/agencies/{code:str}/credit.json")
async def statement_data(
    request: AnyRequest, code: FromPath[str], at: FromQuery[str | None] = None
) -> Response[dict[str, Any]]:
    """Events and rules: all that is needed to compute the score again."""
    account = await queries.agency_account(code, moment_asked(at, arrived_at(request)))
    return Response(statement_json(account, running(request).settings.public_url))


@get("/credit")
async def how_page(request: AnyRequest) -> Response[str]:
    now = arrived_at(request)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    return render(request, "ratings/how.html", **explained.context(book, now))


def _supposed(asked: FormMultiDict, account: queries.Account, now: datetime) -> tuple[WhatIf, Errors]:
    try:
        return parse_what_if(asked, account.book, beijing_date(now)), {}
    except FormInvalid as problem:
        return WhatIf(), problem.errors


@get("/credit/what-if")
async def what_if_page(request: AnyRequest) -> Response[str]:
    """An agency's own account: what would change it, and when it recovers. Nothing is written."""
    viewer, now = require_viewer(request, "agency"), arrived_at(request)
    account = await queries.agency_account(viewer.organisation_code, now)
    asked = FormMultiDict(request.query_params.multi_items())
    wanted, errors = _supposed(asked, account, now)
    return render(
        request, "ratings/what_if.html", status=422 if errors else 200, account=account, values=keep_values(asked),
        errors=errors, wanted=wanted, points_text=points_text, stars_max=account.book.integer("rating.stars_max"),
        **view_of(account, wanted, running(request).calendar),
    )  # fmt: skip


routes: list[Any] = [statement_page, statement_data, what_if_page, how_page]
