"""Pages of late payment: the statement of interest for those concerned, the public list, the yearly lists."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date
from market.kernel.i18n import speaking
from market.register.queries import utc_text
from market.web.context import arrived_at, running
from market.web.downloads import csv_response, pdf_response
from market.web.pages import locale_of, render
from market.web.viewer import require_viewer
from projects.payments.overdue import queries
from projects.payments.overdue.listing import late_now, summed
from projects.payments.overdue.papers import LateRow, interest_sheet, late_csv, late_json, rows_of
from projects.payments.overdue.queries import YearList
from projects.payments.sheets import pdf_of
from projects.payments.terms import rate_text

AnyRequest = Request[Any, Any, Any]
CONCERNED = ("owner", "agency", "operator", "regulator")


@get("/payments/{reference:str}/interest")
async def interest_page(request: AnyRequest, reference: FromPath[str]) -> Response[str]:
    viewer = require_viewer(request, *CONCERNED)
    term = await queries.access_late(viewer, reference)
    statement = await queries.statement_of(term, beijing_date(arrived_at(request)))
    return render(
        request, "payments/interest.html", term=term, statement=statement, steps=await queries.steps_of(term.payable_id),
        rate=rate_text(term.interest_per_day), inside=viewer.is_owner or viewer.is_agency or viewer.is_operator,
    )  # fmt: skip


@get("/payments/{reference:str}/interest.pdf")
async def interest_pdf(request: AnyRequest, reference: FromPath[str]) -> Response[bytes]:
    term = await queries.access_late(require_viewer(request, *CONCERNED), reference)
    statement = await queries.statement_of(term, beijing_date(arrived_at(request)))
    settings = running(request).settings
    sheet = interest_sheet(
        term, statement, await queries.steps_of(term.payable_id), issuer=settings.site_name,
        public_url=settings.public_url, bilingual=locale_of(request) == "en",
    )  # fmt: skip
    return pdf_response(await pdf_of(sheet), f"{sheet.number}.pdf")


async def _listed(request: AnyRequest) -> tuple[list[LateRow], int]:
    """What is late for long enough to be public, and from how many days on that is."""
    now = arrived_at(request)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    least = book.calendar_days("payment.overdue_listed_days")
    return await late_now(now, least_days=least), least


@get("/overdue")
async def overdue_page(request: AnyRequest) -> Response[str]:
    rows, least = await _listed(request)
    return render(
        request, "payments/overdue.html", rows=rows, least=least, total=summed(rows), lists=await queries.year_lists(),
    )  # fmt: skip


@get("/overdue.csv")
async def overdue_csv(request: AnyRequest) -> Response[bytes]:
    rows, _ = await _listed(request)
    with speaking(locale_of(request)):
        return csv_response(late_csv(rows), "overdue.csv")


@get("/overdue.json")
async def overdue_json(request: AnyRequest) -> Response[dict[str, Any]]:
    rows, least = await _listed(request)
    return Response(late_json(rows, at=utc_text(arrived_at(request)), least_days=least))


async def _year(year: int) -> tuple[YearList, list[LateRow]]:
    listed = await queries.year_list(year)
    return listed, rows_of(listed, await queries.settled_since([row["payable"] for row in listed.rows]))


@get("/overdue/{year:int}")
async def year_page(request: AnyRequest, year: FromPath[int]) -> Response[str]:
    listed, rows = await _year(year)
    return render(
        request, "payments/overdue_year.html", listed=listed, rows=rows, lists=await queries.year_lists(),
        settled=sum(row.settled for row in rows),
    )  # fmt: skip


@get("/overdue/{year:int}/list.csv")
async def year_csv(request: AnyRequest, year: FromPath[int]) -> Response[bytes]:
    _, rows = await _year(year)
    with speaking(locale_of(request)):
        return csv_response(late_csv(rows), f"overdue-{year}.csv")


@get("/overdue/{year:int}/list.json")
async def year_json(request: AnyRequest, year: FromPath[int]) -> Response[dict[str, Any]]:
    """`published.rows` are the very facts whose fingerprint is in the register."""
    listed, rows = await _year(year)
    published = {"published_at": utc_text(listed.published_at), "sha256": listed.sha256, "rows": list(listed.rows)}
    return Response(late_json(rows, year=year, published=published))


routes: list[Any] = [
    interest_page, interest_pdf, overdue_page, overdue_csv, overdue_json, year_page, year_csv, year_json,
]  # fmt: skip
