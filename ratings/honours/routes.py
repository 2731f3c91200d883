"""Pages of honours: an agency proposes one, a regulator decides about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook_in_force
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import page_number, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from ratings.credit.rules import points_text
from ratings.honours import actions, queries, rules
from ratings.honours.forms import LABELS, LINE_MAX, REASON_MAX, parse_decision, parse_honour, parse_withdrawal
from ratings.honours.queries import HonourView
from ratings.honours.rules import LEVELS, RULE, Level

AnyRequest = Request[Any, Any, Any]
SUPERVISORS = ("regulator", "operator")


@get("/credit/honours")
async def own_page(request: AnyRequest) -> Response[Any]:
    return await _own(request)


async def _own(request: AnyRequest, **typed: Any) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    settings = running(request).settings
    book = await rulebook_in_force(settings.site_region, arrived_at(request))
    added = dict(zip(Level, map(points_text, book.integers(RULE)), strict=True))
    return render(
        request, "honours/own.html", honours=await queries.honours_of(viewer.organisation_id), levels=LEVELS,
        added=added, book=book, labels=LABELS, line_max=LINE_MAX, accept=",".join(ENDINGS),
        megabytes=settings.upload_limit_bytes // (1024 * 1024), may_propose=viewer.has_role("handler"), **typed,
    )  # fmt: skip


@post("/credit/honours", status_code=200)
@comes_back_to(_own)
async def propose(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="handler")
    here = running(request)
    new = await parse_honour(await read_form(request), limit=here.settings.upload_limit_bytes)
    await actions.propose(new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request))
    return redirect(
        request,
        "/credit/honours",
        notice=N_("Your honour is proposed; those who supervise you look at the certificate."),
    )


@get("/regulator/honours")
async def desk(request: AnyRequest, page: FromQuery[str] = "1") -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS)
    return render(request, "honours/desk.html", waiting=await queries.open_for(viewer), levels=LEVELS,
                  decided=await queries.decided_for(viewer, page_number(page)))  # fmt: skip


@get("/regulator/honours/{honour_id:uuid}")
async def decision_page(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    return await _decision(request, honour_id)


async def _to_sign(request: AnyRequest, honour_id: UUID) -> tuple[Viewer, HonourView]:
    viewer = require_viewer(request, *SUPERVISORS, role="signatory")
    honour = await queries.access_honour(viewer, honour_id)
    await require_fresh_code(request)
    return viewer, honour


async def _decision(request: AnyRequest, honour_id: UUID, **typed: Any) -> Response[Any]:
    _, honour = await _to_sign(request, honour_id)
    rules.check_open(honour.outcome)
    book = await rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    points = rules.charge(honour.code, honour.level, book.integers(RULE)).points
    return render(request, "honours/decide.html", honour=honour, levels=LEVELS, labels=LABELS, book=book,
                  points=points_text(points, signed=True), reason_max=REASON_MAX, **typed)  # fmt: skip


@post("/regulator/honours/{honour_id:uuid}", status_code=200)
@comes_back_to(_decision)
async def decide(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer, honour = await _to_sign(request, honour_id)
    outcome, reason = parse_decision(await read_form(request))
    await actions.decide(honour, outcome, reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, "/regulator/honours", notice=N_("Decided; the agency has been told."))


@get("/regulator/honours/{honour_id:uuid}/withdraw")
async def withdrawal_page(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    return await _withdrawal(request, honour_id)


async def _withdrawal(request: AnyRequest, honour_id: UUID, **typed: Any) -> Response[Any]:
    viewer, honour = await _to_sign(request, honour_id)
    rules.check_withdrawal(stands=honour.stands, decided_by=honour.decided_by, acting=viewer.person_id)
    return render(request, "honours/withdraw.html", honour=honour, levels=LEVELS, labels=LABELS, reason_max=REASON_MAX,
                  **typed)  # fmt: skip


@post("/regulator/honours/{honour_id:uuid}/withdraw", status_code=200)
@comes_back_to(_withdrawal)
async def withdraw(request: AnyRequest, honour_id: FromPath[UUID]) -> Response[Any]:
    viewer, honour = await _to_sign(request, honour_id)
    reason = parse_withdrawal(await read_form(request))
    await actions.withdraw(honour, reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, "/regulator/honours", notice=N_("Withdrawn; the agency has been told."))


@get("/honours/{honour_id:uuid}/certificate")
async def certificate(request: AnyRequest, honour_id: FromPath[UUID]) -> Stream:
    viewer = require_viewer(request, *SUPERVISORS, "agency")
    return await download(request, await queries.access_certificate(viewer, honour_id))


routes: list[Any] = [own_page, propose, desk, decision_page, decide, withdrawal_page, withdraw, certificate]
