"""Receipts, as a page and as a PDF."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.web.context import running
from market.web.downloads import pdf_response
from market.web.pages import locale_of, render
from market.web.viewer import require_viewer
from projects.payments.overdue.queries import access_term
from projects.payments.overdue.routes import CONCERNED
from projects.payments.receipts import queries
from projects.payments.receipts.papers import receipt_sheet
from projects.payments.receipts.queries import KINDS, Receipt
from projects.payments.sheets import Sheet, pdf_of

AnyRequest = Request[Any, Any, Any]


async def _receipt(request: AnyRequest, reference: str, no: int) -> tuple[Receipt, Sheet]:
    term = await access_term(require_viewer(request, *CONCERNED), reference)
    receipt = await queries.receipt_of(term, no)
    owner, agency = await queries.parties_of(term)
    settings = running(request).settings
    sheet = receipt_sheet(
        receipt, term, owner, agency, issuer=settings.site_name, public_url=settings.public_url,
        bilingual=locale_of(request) == "en",
    )  # fmt: skip
    return receipt, sheet


@get("/payments/{reference:str}/receipts/{no:int}")
async def receipt_page(request: AnyRequest, reference: FromPath[str], no: FromPath[int]) -> Response[str]:
    receipt, sheet = await _receipt(request, reference, no)
    return render(request, "payments/receipt.html", receipt=receipt, sheet=sheet, kinds=KINDS)


@get("/payments/{reference:str}/receipts/{no:int}/receipt.pdf")
async def receipt_pdf(request: AnyRequest, reference: FromPath[str], no: FromPath[int]) -> Response[bytes]:
    receipt, sheet = await _receipt(request, reference, no)
    return pdf_response(await pdf_of(sheet), f"{receipt.number}.pdf")


routes: list[Any] = [receipt_page, receipt_pdf]
