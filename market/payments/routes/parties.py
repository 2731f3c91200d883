"""What an owner owes and an agency is owed: state, payment, bank transfer, the agency's account."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import deadline
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import ENDINGS, keep, stored
from market.kernel.i18n import N_
from market.payments import queries
from market.payments.actions import payables, trades
from market.payments.actions.payables import NewTransfer
from market.payments.actions.rows import live_payment
from market.payments.alipay.gateway import Order
from market.payments.bond_queries import demand_of
from market.payments.forms import parse_account, parse_means, parse_transfer, parse_transfer_answer
from market.payments.opening import addresses_of, gateway_in_force, gateway_or_refusal
from market.payments.panels import explained
from market.payments.queries import PayableView
from market.payments.rules import NOT_READY, Standing, State
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.panels import rendered_panels
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]


@get("/payments")
async def payments_page(request: AnyRequest) -> Response[str]:
    viewer = require_viewer(request, "owner", "agency")
    assert viewer.organisation_id is not None
    return render(
        request, "payments/list.html", payables=await queries.statement(viewer.organisation_id), explained=explained,
        account=await queries.sub_merchant_of(viewer.organisation_id) if viewer.is_agency else None,
    )  # fmt: skip


@get("/payments/{reference:str}")
async def payment_page(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    return await page(request, reference)


async def page(request: AnyRequest, reference: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", "operator")
    payable = await queries.access_payable(viewer, reference)
    return render(
        request, "payments/payment.html", status=status, payable=payable, movements=await queries.movements(payable.id),
        transfer=await queries.transfer_of(payable.id), side=_side(viewer, payable), explained=explained,
        alipay=gateway_in_force() is not None, back="back" in request.query_params, accept=",".join(ENDINGS),
        standings=Standing, now=arrived_at(request), not_ready=NOT_READY, bond=await demand_of(payable.reference.rpartition("-")[0]),
        panels=await rendered_panels("payment", request, viewer, payable.reference, arrived_at(request)),
        **await _refunds(request, payable), **typed,
    )  # fmt: skip


async def _refunds(request: AnyRequest, payable: PayableView) -> dict[str, Any]:
    """What the owner asked back, the request that waits, and until when it is to be answered."""
    requests = await queries.refund_requests_of(payable.id)
    waits = next((one for one in requests if one.waits), None)
    until = None
    if waits:
        here = running(request)
        book = await rulebook_in_force(here.settings.site_region, waits.asked_at)
        until = deadline(book, "contract.refund_answer_days", waits.asked_at, here.calendar)
    return {"refunds": requests, "refund_waits": waits, "refund_until": until}


def _side(viewer: Viewer, payable: PayableView) -> str:
    return {payable.payer_id: "payer", payable.payee_id: "payee"}.get(viewer.organisation_id or payable.id, "other")


@post("/payments/{reference:str}/trades", status_code=200)
async def start(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Makes ready what is to be paid. The cashier is a link on the next page: our forms lead to no other site."""
    viewer = require_viewer(request, "owner", role="handler")
    payable = await queries.access_as_payer(viewer, reference)
    means = parse_means(await read_form(request))
    gateway_or_refusal()
    await trades.start(reference, viewer=viewer, means=means, now=arrived_at(request))
    return redirect(request, payable.url)


@get("/payments/{reference:str}/cashier")
async def cashier(request: AnyRequest, reference: FromPath[str]) -> Redirect:
    """To Alipay, while there is a trade that waits to be paid."""
    viewer = require_viewer(request, "owner", role="handler")
    payable = await queries.access_as_payer(viewer, reference)
    payment, now = await live_payment(payable.id), arrived_at(request)
    if payment is None or payment.state is not State.AWAITING or now >= payment.expires_at:
        raise Refusal("payments.nothing_to_pay", N_("Nothing waits to be paid here; start the payment again."))
    order = Order(payment.out_trade_no, payable.title, payment.amount_fen, payment.expires_at, payment.smid)
    addresses, phone = addresses_of(running(request).settings), request.query_params.get("means") == "phone"
    return Redirect(gateway_or_refusal().pay_url(order, addresses, phone=phone, now=now), status_code=303)


@post("/payments/{reference:str}/transfer", status_code=200)
@comes_back_to(page)
async def state_transfer(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", role="handler")
    payable = await queries.access_as_payer(viewer, reference)
    here, now = running(request), arrived_at(request)
    stated = await parse_transfer(
        await read_form(request), owed=payable.amount, today=beijing_date(now), limit=here.settings.upload_limit_bytes
    )
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    kept = (
        await keep(here.files, stated.proof, owner=viewer.organisation_id, by=viewer.person_id, now=now)
        if stated.proof
        else None
    )
    new = NewTransfer(stated.amount.fen, stated.paid_on, stated.bank_reference, kept.id if kept else None)
    await payables.state_transfer(reference, new, viewer=viewer, now=now)
    return redirect(request, payable.url, notice=N_("The transfer is recorded; the agency is asked to confirm it."))


@post("/payments/{reference:str}/transfer-answer", status_code=200)
@comes_back_to(page)
async def answer_transfer(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="handler")
    payable = await queries.access_as_payee(viewer, reference)
    received, reason = parse_transfer_answer(await read_form(request))
    await payables.answer_transfer(reference, received=received, reason=reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, payable.url, notice=N_("Your answer is recorded."))


@get("/payments/{reference:str}/proof")
async def proof(request: AnyRequest, reference: FromPath[str]) -> Stream:
    viewer = require_viewer(request, "owner", "agency", "operator")
    payable = await queries.access_payable(viewer, reference)
    transfer = await queries.transfer_of(payable.id)
    if transfer is None or transfer["proof_file_id"] is None:
        raise NotFound
    return await download(request, await stored(transfer["proof_file_id"]))


@get("/payments/account")
async def account_page(request: AnyRequest) -> Response[Any]:
    return await _account_form(request)


async def _account_form(request: AnyRequest, *, status: int = 200, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency")
    assert viewer.organisation_id is not None
    account = await queries.sub_merchant_of(viewer.organisation_id)
    alipay = gateway_in_force() is not None
    return render(request, "payments/account.html", status=status, account=account, alipay=alipay, **typed)


@post("/payments/account", status_code=200)
@comes_back_to(_account_form)
async def register_account(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    logon_id = parse_account(await read_form(request))
    gateway_or_refusal()
    await payables.register_account(logon_id, viewer=viewer, now=arrived_at(request))
    return redirect(request, "/payments/account", notice=N_("The account was handed to Alipay, which checks it."))


routes: list[Any] = [
    payments_page, account_page, register_account, payment_page, start, cashier, state_transfer, answer_transfer, proof,
]  # fmt: skip
