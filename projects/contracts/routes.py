"""Pages of a contract: its key terms for everybody, its text for those concerned, signing and refusing."""

from __future__ import annotations

from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from market.kernel.i18n import N_
from market.register.acts import act_name
from market.register.queries import history_of
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.panels import rendered_panels
from market.web.receipts import redirect
from market.web.viewer import require_viewer, viewer_of
from projects.contracts import actions, queries, rules
from projects.contracts.changes import routes as change_routes
from projects.contracts.changes.queries import changes_of, content_in_force
from projects.contracts.documents import routes as document_routes
from projects.contracts.documents.queries import documents_of
from projects.contracts.drafts import routes as draft_routes
from projects.contracts.filing import routes as filing_routes
from projects.contracts.filing.queries import filing_of
from projects.contracts.forms import REASON_MAX, parse_refusal, parse_signature
from projects.contracts.panels import lit_signing
from projects.contracts.queries import ContractView
from projects.contracts.rules import Side

AnyRequest = Request[Any, Any, Any]


@get("/contracts/{number:str}")
async def contract_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    viewer = viewer_of(request)
    contract = await queries.contract_by_number(number)
    side, changes = contract.side_of(viewer.organisation_id), await changes_of(contract.id)
    return render(
        request, "contracts/contract.html", contract=contract, changes=changes, stands=content_in_force(contract, changes), side=side, sides=tuple(Side), act_name=act_name,
        full=await queries.may_read_all(viewer, contract), step=await lit_signing(request, contract, arrived_at(request)),
        entries=await _acts(contract), opened=await queries.terms_entry(contract),
        mine=await queries.act_of(contract, "contract.signed", side) if side else None,
        documents=await documents_of(contract.id), filing=await filing_of(contract.id), **await _text(contract),
        panels=await rendered_panels("contract", request, viewer, number, arrived_at(request)),
    )  # fmt: skip


async def _acts(contract: ContractView) -> list[Any]:
    return [
        entry for entry in await history_of(contract.project_number) if entry.data.get("contract") == contract.number
    ]


async def _text(contract: ContractView) -> dict[str, Any]:
    """What the full text needs: the terms with their wording, and the rulebook."""
    return {"terms": await queries.full_terms(contract), "book": await queries.rulebook_of(contract)}


@get("/contracts/{number:str}/print")
async def print_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    viewer = require_viewer(request)
    contract = await queries.access_full_text(viewer, number)
    address = f"{running(request).settings.public_url}{contract.url}/verify"
    code = Markup(segno.make(address, micro=False).svg_inline(scale=3, border=0))  # noqa: S704  (made from our own address)
    return render(request, "contracts/print.html", contract=contract, address=address, qr=code, sides=tuple(Side),
                  **await _text(contract))  # fmt: skip


@get("/contracts/{number:str}/sign")
async def sign_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    if not rules.check_signing(contract.facts, side, now=arrived_at(request)):
        return redirect(request, contract.url)
    return await _sign_form(request, number)


async def _sign_form(request: AnyRequest, number: str, **typed: Any) -> Response[str]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    rules.check_signing(contract.facts, side, now=arrived_at(request))
    return render(
        request, "contracts/sign.html", contract=contract, side=side, **await _text(contract),
        step=await lit_signing(request, contract, arrived_at(request)), **typed,
    )  # fmt: skip


@post("/contracts/{number:str}/sign", status_code=200)
@comes_back_to(_sign_form)
async def sign(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, _ = await queries.access_as_party(viewer, number)
    shown = parse_signature(await read_form(request))
    now, calendar = arrived_at(request), running(request).calendar
    await actions.sign(number, viewer=viewer, terms_sha256=shown, calendar=calendar, now=now)
    return redirect(request, contract.url, notice=N_("Your signature is recorded."))


@get("/contracts/{number:str}/refuse")
async def refuse_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _refusal_form(request, number)


async def _refusal_form(
    request: AnyRequest, number: str, *, status: int = 200, template: str = "contracts/refuse.html", **typed: Any
) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    rules.check_refusal(contract.facts, side, now=arrived_at(request))
    book = await queries.rulebook_of(contract)
    return render(
        request, template, status=status, contract=contract, side=side, reason_max=REASON_MAX,
        costs=rules.costs_of_refusal(side, book.integer), aftermath=str(rules.after_refusal(side)),
        step=await lit_signing(request, contract, arrived_at(request)), **typed,
    )  # fmt: skip


@post("/contracts/{number:str}/refuse", status_code=200)
@comes_back_to(_refusal_form)
async def refuse(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="signatory")
    contract, side = await queries.access_as_party(viewer, number)
    rules.check_refusal(contract.facts, side, now=arrived_at(request))
    reason, confirmed = parse_refusal(await read_form(request))
    if not confirmed:
        return await _refusal_form(request, number, template="contracts/refuse_confirm.html", values={"reason": reason})
    await actions.refuse(number, viewer=viewer, reason=reason, now=arrived_at(request))
    return redirect(request, contract.url, notice=N_("Your refusal is recorded."))


routes: list[Any] = [
    contract_page,
    print_page,
    sign_page,
    sign,
    refuse_page,
    refuse,
    *document_routes.routes,
    *draft_routes.routes,
    *filing_routes.routes,
    *change_routes.routes,
]
