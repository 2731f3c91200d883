"""Those who supervise: facts recorded, the firm told, a hearing held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery

from market.accounts.queries import OrganisationView
from market.catalogue.queries import rulebook_in_force
from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.complaints.queries import access_complaint
from ratings.cases import actions, queries, rules
from ratings.cases.actions import NewCase, Notice
from ratings.cases.forms import Recorded, not_there, parse_hearing, parse_minutes, parse_new, parse_notice
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import SUPERVISORS, AnyRequest, as_authority, offered, step_page, upload_words, words
from ratings.cases.rules import GROUNDS
from ratings.credit.rules import KINDS
from ratings.decisions.queries import access_agency
from ratings.flags.queries.desk import access_flag
from ratings.periods import MONTHS_A_YEAR, add_months


@get("/cases/new")
async def new_page(
    request: AnyRequest, code: FromQuery[str | None] = None, flag: FromQuery[UUID | None] = None,
    complaint: FromQuery[UUID | None] = None,
) -> Response[Any]:  # fmt: skip
    viewer = require_viewer(request, *SUPERVISORS, role="handler")
    values: dict[str, Any] = {"code": code or ""}
    if flag is not None:
        found = await access_flag(viewer, flag)
        values |= {
            "flag": str(flag),
            "entries": ", ".join(map(str, found.evidence_numbers)),
            "project": next(iter(found.projects), ""),
        }
    if complaint is not None:
        values |= {"complaint": str(complaint), "project": (await access_complaint(viewer, complaint)).project_number}
    return await _new_page(request, values=values)


async def _new_page(request: AnyRequest, *, status: int = 200, values: dict[str, Any], **typed: Any) -> Response[Any]:
    """`values`: with a credit code, the firm's deductions are offered to begin from."""
    viewer, now = require_viewer(request), arrived_at(request)
    firm = await _firm(viewer, str(values.get("code", "")), request)
    deductions = await queries.deductions_of(firm.id, add_months(now, -MONTHS_A_YEAR)) if firm else []
    book = await rulebook_in_force(firm.region_code if firm else running(request).settings.site_region, now)
    context = {"errors": {}, **typed}
    return render(
        request, "cases/new.html", status=status, firm=firm, deductions=deductions, kinds=KINDS, grounds=GROUNDS, book=book,
        values=values, **words(), **upload_words(request), **context,
    )  # fmt: skip


async def _firm(viewer: Viewer, code: str, request: AnyRequest) -> OrganisationView | None:
    try:
        return await access_agency(viewer, code, arrived_at(request))
    except NotFound:
        return None


@post("/cases/new", status_code=200)
async def record_case(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, role="handler")
    here, form = running(request), await read_form(request)
    try:
        recorded = await parse_new(form, limit=here.settings.upload_limit_bytes)
        new = await _new_case(request, viewer, recorded)
    except FormInvalid as invalid:
        return await _new_page(request, status=422, values=keep_values(form), errors=invalid.errors)
    number = await actions.open_case(
        new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(
        request, f"/cases/{number}", notice=N_("The facts are recorded. Nobody outside learns of them yet.")
    )


async def _new_case(request: AnyRequest, viewer: Viewer, recorded: Recorded) -> NewCase:
    """What the form names must be there, and be the viewer's to act on. Raises FormInvalid or NotFound."""
    firm = await _firm(viewer, recorded.code, request)
    if firm is None:
        raise not_there("code", N_("No agency that you watch over has this credit code."))
    proofs, project = recorded.proofs, recorded.project_number
    if recorded.event_id is not None:
        since = add_months(arrived_at(request), -MONTHS_A_YEAR)
        event = next(
            (one for one in await queries.deductions_of(firm.id, since) if one["id"] == recorded.event_id), None
        )
        if event is None:
            raise not_there("event", N_("The firm has no such event, or it has its case already."))
        proofs, project = (*proofs, await entry(event["evidence_id"])), project or event["project_number"]
    if recorded.flag_id is not None:
        flag = await access_flag(viewer, recorded.flag_id)
        if firm.id not in {party.id for party in flag.parties}:
            raise not_there("code", N_("The flag does not concern this firm."))
    if recorded.complaint_id is not None:
        await access_complaint(viewer, recorded.complaint_id)
    return NewCase(
        firm, recorded.violation, recorded.occurred_on, recorded.facts, recorded.legal_cause, project, proofs, recorded.uploads,
        recorded.event_id, recorded.flag_id, recorded.complaint_id,
    )  # fmt: skip


@get("/cases/{number:str}/notice")
async def notice_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_authority(request, number)
    return await _notice_page(request, found)


async def _notice_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_notice(found.history)
    return await step_page(request, "cases/notice.html", found, status=status, offered=await offered(found), **typed)


@post("/cases/{number:str}/notice", status_code=200)
async def notify(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_authority(request, number)
    here, form = running(request), await read_form(request)
    try:
        notice = Notice(*await parse_notice(form, await offered(found), limit=here.settings.upload_limit_bytes))
    except FormInvalid as invalid:
        return await _notice_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    await actions.notify(
        number, notice, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(request, found.url, notice=N_("The firm has been told; its time to defend runs."))


@get("/cases/{number:str}/hearing")
async def hearing_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_authority(request, number)
    return await _hearing_page(request, found)


async def _hearing_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_hearing(found.history)
    return await step_page(request, "cases/hearing.html", found, status=status, **typed)


@post("/cases/{number:str}/hearing", status_code=200)
async def hearing(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Sets the time, or writes the minutes, by which of the two forms was sent."""
    viewer, found = await as_authority(request, number)
    form = await read_form(request)
    try:
        await _hear(request, form, viewer, number)
    except FormInvalid as invalid:
        return await _hearing_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    return redirect(request, found.url, notice=N_("Recorded."))


async def _hear(request: AnyRequest, form: FormMultiDict, viewer: Viewer, number: str) -> None:
    here, now = running(request), arrived_at(request)
    if form.get("do") == "minutes":
        minutes, uploads = await parse_minutes(form, limit=here.settings.upload_limit_bytes)
        await actions.write_minutes(number, minutes, uploads, viewer=viewer, files=here.files, now=now)
    else:
        at, place = parse_hearing(form)
        await actions.set_hearing(number, at, place, viewer=viewer, now=now)


routes: list[Any] = [new_page, record_case, notice_page, notify, hearing_page, hearing]
