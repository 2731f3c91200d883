"""An agency's credit as an account statement, for any past day, as a page and as JSON; and how it is computed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date, end_of_day
from market.web.context import arrived_at, running
from market.web.pages import render
from ratings.credit import explained, queries
from ratings.credit.export import statement_json
from ratings.credit.panels import chart_points, pause_rows, statement_lines
from ratings.credit.rules import points_text

AnyRequest = Request[Any, Any, Any]
CHART_MONTHS = 12


def moment_asked(at: str | None, now: datetime) -> datetime:
    """The end of the asked day, or now; days that have not ended, and what is no day, mean now."""
    try:
        end = end_of_day(date.fromisoformat(at or ""))
    except ValueError:
        return now
    return min(end, now)


@get("/agencies/{code:str}/credit")
async def statement_page(request: AnyRequest, code: FromPath[str], at: FromQuery[str | None] = None) -> Response[str]:
    now = arrived_at(request)
    moment = moment_asked(at, now)
    account = await queries.agency_account(code, moment)
    return render(
        request, "ratings/credit.html", account=account, today=moment == now, points=points_text(account.score.points),
        shown_day=beijing_date(now) if moment == now else at, lines=statement_lines(account.score),
        opening=points_text(account.score.opening), pauses=pause_rows(account),
        history=chart_points(account, months=CHART_MONTHS),
    )  # fmt: skip


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


routes: list[Any] = [statement_page, statement_data, how_page]
