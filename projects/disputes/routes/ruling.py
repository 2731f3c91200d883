"""The regulator closes the evidence, hears both sides, and rules."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.contracts.queries import rulebook_of
from projects.disputes import queries, rules
from projects.disputes.actions import ruling
from projects.disputes.forms import LABELS, TEXT_MAX, parse_ruling
from projects.disputes.queries import DisputeView
from projects.page.dispute_notes import KINDS

AnyRequest = Request[Any, Any, Any]


async def _in_charge(request: AnyRequest, number: str, role: str) -> tuple[Viewer, DisputeView]:
    viewer = require_viewer(request, "regulator", role=role)
    return viewer, await queries.access_as_authority(viewer, number)


@get("/disputes/{number:str}/hearing")
async def hearing_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await _in_charge(request, number, "handler")
    rules.check_preparing(found.facts)
    book = await rulebook_of(found.contract)
    return render(request, "disputes/hearing_confirm.html", dispute=found, days=book.days("dispute.hearing_days"),
                  evidence=await queries.evidence_of(found.id))  # fmt: skip


@post("/disputes/{number:str}/hearing")
async def prepare(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _in_charge(request, number, "handler")
    await ruling.prepare(number, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The evidence is closed; both sides have their last word."))


@get("/disputes/{number:str}/ruling")
async def ruling_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _ruling_page(request, number)


async def _ruling_page(
    request: AnyRequest, number: str, *, status: int = 200, template: str = "disputes/ruling.html", **typed: Any
) -> Response[Any]:
    _, found = await _in_charge(request, number, "signatory")
    await require_fresh_code(request)
    rules.check_ruling(found.facts, refund_fen=0, amount_fen=found.amount_fen, now=arrived_at(request))
    return render(
        request, template, status=status, dispute=found, labels=LABELS, text_max=TEXT_MAX, kinds=KINDS,
        evidence=await queries.evidence_of(found.id), where=await queries.whereabouts(found),
        **{"ruling": None, **typed},
    )  # fmt: skip


@post("/disputes/{number:str}/ruling", status_code=200)
@comes_back_to(_ruling_page)
async def rule(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await _in_charge(request, number, "signatory")
    await require_fresh_code(request)
    form = await read_form(request)
    made, confirmed = parse_ruling(form, amount=found.amount)
    if not confirmed:
        return await _ruling_page(
            request, number, template="disputes/ruling_confirm.html", ruling=made, values=keep_values(form)
        )
    await ruling.rule(number, made, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your ruling is recorded and is being carried out."))


routes: list[Any] = [hearing_form, prepare, ruling_form, rule]
