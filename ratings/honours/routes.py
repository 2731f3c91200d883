"""Pages of honours: an agency proposes one, a regulator decides about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook_in_force
from market.kernel.errors import FormInvalid, Message
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import keep_values, read_form, refused_in_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from ratings.credit.rules import points_text
from ratings.honours import actions, queries, rules
from ratings.honours.forms import LABELS, LINE_MAX, REASON_MAX, parse_decision, parse_honour, parse_withdrawal
from ratings.honours.queries import HonourView
from ratings.honours.rules import LEVELS, RULE, Level

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
SUPERVISORS = ("regulator", "operator")


@get("/credit/honours")
async def own_page(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "agency")
    return await _own(request, {}, {}, status=200)


async def _own(request: AnyRequest, values: Mapping[str, Any], errors: Errors, *, status: int) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    settings = running(request).settings
    book = await rulebook_in_force(settings.site_region, arrived_at(request))
    added = dict(zip(Level, map(points_text, book.integers(RULE)), strict=True))
    return render(
        request, "honours/own.html", status=status, honours=await queries.honours_of(viewer.organisation_id), levels=LEVELS,
        added=added, book=book, labels=LABELS, line_max=LINE_MAX, values=values, errors=errors, accept=",".join(ENDINGS),
        megabytes=settings.upload_limit_bytes // (1024 * 1024), may_propose=viewer.has_role("handler"),
    )  # fmt: skip


@post("/credit/honours", status_code=200)
async def propose(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="handler")
    here, form = running(request), await read_form(request)
    try:
        new = await parse_honour(form, limit=here.settings.upload_limit_bytes)
        with refused_in_form(request):
            await actions.propose(new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request))
    except FormInvalid as invalid:
        return await _own(request, keep_values(form), invalid.errors, status=invalid.status)
    return redirect(
        request,
        "/credit/honours",
        notice=N_("Your honour is proposed; those who supervise you look at the certificate."),
    )


@get("/regulator/honours")
async def desk(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS)
    return render(request, "honours/desk.html", waiting=await queries.open_for(viewer), levels=LEVELS,
                  decided=await queries.decided_for(viewer))  # fmt: skip


@get("/regulator/honours/{honour_id:uuid}")
async def decision_page(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, role="signatory")
    honour = await queries.access_honour(viewer, honour_id)
    await require_fresh_code(request)
    return await _decision(request, honour, {}, {}, status=200)


async def _decision(
    request: AnyRequest, honour: HonourView, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[Any]:
    rules.check_open(honour.outcome)
    book = await rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    points = rules.charge(honour.code, honour.level, book.integers(RULE)).points
    return render(request, "honours/decide.html", status=status, honour=honour, levels=LEVELS, labels=LABELS, values=values,
                  errors=errors, points=points_text(points, signed=True), book=book, reason_max=REASON_MAX)  # fmt: skip


@post("/regulator/honours/{honour_id:uuid}", status_code=200)
async def decide(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, *SUPERVISORS, role="signatory"), arrived_at(request)
    honour, form = await queries.access_honour(viewer, honour_id), await read_form(request)
    await require_fresh_code(request)
    try:
        outcome, reason = parse_decision(form)
        with refused_in_form(request):
            await actions.decide(honour, outcome, reason, viewer=viewer, now=now)
    except FormInvalid as invalid:
        return await _decision(request, honour, keep_values(form), invalid.errors, status=invalid.status)
    return redirect(request, "/regulator/honours", notice=N_("Decided; the agency has been told."))


@get("/regulator/honours/{honour_id:uuid}/withdraw")
async def withdrawal_page(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, role="signatory")
    honour = await queries.access_honour(viewer, honour_id)
    await require_fresh_code(request)
    return _withdrawal(request, honour, {}, {}, status=200)


def _withdrawal(
    request: AnyRequest, honour: HonourView, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, role="signatory")
    rules.check_withdrawal(stands=honour.stands, decided_by=honour.decided_by, acting=viewer.person_id)
    return render(request, "honours/withdraw.html", status=status, honour=honour, levels=LEVELS, labels=LABELS, values=values,
                  errors=errors, reason_max=REASON_MAX)  # fmt: skip


@post("/regulator/honours/{honour_id:uuid}/withdraw", status_code=200)
async def withdraw(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, *SUPERVISORS, role="signatory"), arrived_at(request)
    honour, form = await queries.access_honour(viewer, honour_id), await read_form(request)
    await require_fresh_code(request)
    try:
        reason = parse_withdrawal(form)
        with refused_in_form(request):
            await actions.withdraw(honour, reason, viewer=viewer, now=now)
    except FormInvalid as invalid:
        return _withdrawal(request, honour, keep_values(form), invalid.errors, status=invalid.status)
    return redirect(request, "/regulator/honours", notice=N_("Withdrawn; the agency has been told."))


@get("/honours/{honour_id:uuid}/certificate")
async def certificate(request: AnyRequest, honour_id: FromPath[UUID]) -> Stream:
    viewer = require_viewer(request, *SUPERVISORS, "agency")
    return await download(request, await queries.access_certificate(viewer, honour_id))


routes: list[Any] = [own_page, propose, desk, decision_page, decide, withdrawal_page, withdraw, certificate]
