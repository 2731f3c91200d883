"""The page of a payment's invoice: hand in, check, confirm or return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.calendar import beijing_date
from market.kernel.errors import Message, NotFound
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.payments.invoices import actions, queries
from projects.payments.invoices.forms import LABELS, parse_answer, parse_invoice
from projects.payments.invoices.rules import KINDS
from projects.payments.overdue.queries import access_term
from projects.payments.overdue.routes import CONCERNED

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/payments/{reference:str}/invoice")
async def invoice_page(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    return await _page(request, reference)


async def _page(request: AnyRequest, reference: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request, *CONCERNED)
    term = await access_term(viewer, reference)
    invoices = await queries.invoices_of(term.payable_id)
    side = {term.owner_id: "owner", term.agency_id: "agency"}.get(viewer.organisation_id or term.payable_id, "other")
    return render(
        request, "payments/invoice.html", status=status, term=term, invoices=invoices, side=side, kinds=KINDS, labels=LABELS,
        checks={one.no: await queries.check_list(term, one) for one in invoices}, expected=await queries.expected_for(term),
        accept=",".join(ENDINGS), **typed,
    )  # fmt: skip


@post("/payments/{reference:str}/invoice", status_code=200)
@comes_back_to(_page)
async def hand_in(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="handler")
    term, form, now = await access_term(viewer, reference), await read_form(request), arrived_at(request)
    here = running(request)
    sent = await parse_invoice(form, today=beijing_date(now), limit=here.settings.upload_limit_bytes)
    await actions.hand_in(reference, sent.invoice, sent.file, viewer=viewer, files=here.files, now=now)
    return redirect(
        request, f"{term.url}/invoice", notice=N_("The invoice is handed in; the owner is asked to confirm it.")
    )


@post("/payments/{reference:str}/invoice/answer", status_code=200)
@comes_back_to(_page)
async def answer(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    term = await access_term(viewer, reference)
    confirmed, reason = parse_answer(await read_form(request))
    await actions.answer(reference, confirmed=confirmed, reason=reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"{term.url}/invoice", notice=N_("Your answer is recorded."))


@get("/payments/{reference:str}/invoice/{no:int}/file")
async def invoice_file(request: AnyRequest, reference: FromPath[str], no: FromPath[int]) -> Stream:
    viewer = require_viewer(request, *CONCERNED)
    if viewer.organisation_id is None:
        raise NotFound
    return await download(request, await queries.access_file(viewer, reference, no))


routes: list[Any] = [invoice_page, hand_in, answer, invoice_file]
