"""The agency's own pages: its application section by section, and its changes after entry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from agencies import actions, forms
from agencies.queries.application import Dossier, access_own, find_agency
from agencies.queries.commitment import text_in_force
from agencies.routes.desk import desk_of, marks_on, open_gaps, page, sections, steps
from agencies.rules import OPEN_STAGES, FirmDetails, Stage
from market.accounts.routes.sign_up import region_options
from market.kernel.calendar import beijing_date
from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]
Errors = dict[str, list[Message]]


async def home_of(viewer: Viewer, section: str = "") -> str:
    """The page on which the agency edits in its present stage."""
    assert viewer.organisation_id is not None
    agency = await find_agency(viewer.organisation_id)
    path = "/agency/changes" if agency and agency.stage is Stage.ADMITTED else "/agency/entry"
    return f"{path}#{section}" if section else path


async def own_page(
    request: AnyRequest, viewer: Viewer, *, wrong: str = "", errors: Errors | None = None,
    values: dict[str, Any] | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The application, or the changes page once admitted; `wrong`: the section whose form had errors."""
    desk, dossier = await desk_of(request), await access_own(viewer)
    context = {
        "dossier": dossier, "agency": dossier.agency, "firm": _firm_values(dossier.agency.firm), "wrong": wrong,
        "errors": errors or {}, "values": values or {}, "commitment": text_in_force(desk.now),
        "regions": await region_options(request), "may_write": viewer.has_role("handler"), "labels": forms.LABELS,
        "may_sign": viewer.has_role("signatory"),
    }  # fmt: skip
    return page(
        request, _template(dossier), desk, status=status, sections=sections(desk, dossier), steps=steps(desk, dossier.agency),
        proposed=_proposed(dossier), **context,
    )  # fmt: skip


def _template(dossier: Dossier) -> str:
    if dossier.agency.stage in OPEN_STAGES:
        return "agencies/entry.html"
    if dossier.agency.stage is Stage.ADMITTED:
        return "agencies/changes.html"
    return "agencies/status.html"


def _firm_values(firm: FirmDetails) -> dict[str, str]:
    """The firm as its form shows it."""
    values = {name: "" if value is None else str(value) for name, value in firm.to_json().items()}
    capital = firm.registered_capital_fen
    return {**values, "registered_capital": Money(capital).yuan_text if capital is not None else ""}


def _proposed(dossier: Dossier) -> dict[str, Any]:
    firm = dossier.change_of("firm")
    details = FirmDetails.from_json(firm.proposed) if firm else None
    return {
        "firm": details, "firm_fields": details.differing(dossier.agency.firm) if details else (),
        "services": dossier.change_of("services"), "licence": dossier.change_of("licence"), "firm_change": firm,
    }  # fmt: skip


@get("/agency/entry")
async def entry_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    assert viewer.organisation_id is not None
    if await find_agency(viewer.organisation_id) is None:
        await actions.open_application(viewer.organisation_id, arrived_at(request))
    return await own_page(request, viewer)


@get("/agency/changes")
async def changes_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    if (await access_own(viewer)).agency.stage is not Stage.ADMITTED:
        return redirect(request, "/agency/entry")
    return await own_page(request, viewer)


def handler_of(request: AnyRequest) -> tuple[Viewer, UUID]:
    viewer = require_viewer(request, "agency", role="handler")
    if viewer.organisation_id is None:
        raise NotFound
    return viewer, viewer.organisation_id


@post("/agency/firm")
async def save_firm(request: AnyRequest) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    try:
        details, letter = await forms.parse_firm(
            form, catalogue=desk.catalogue, limit=desk.upload_limit, today=beijing_date(desk.now)
        )
    except FormInvalid as invalid:
        return await own_page(
            request, viewer, wrong="firm", errors=dict(invalid.errors), values=keep_values(form), status=422
        )
    store = running(request).files
    await actions.save_firm(agency_id, details, letter, acting=viewer, store=store, terms=desk.terms, now=desk.now)
    return await saved(request, viewer, "firm")


@post("/agency/services")
async def save_services(request: AnyRequest) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    try:
        items = forms.parse_services(form, catalogue=desk.catalogue)
    except FormInvalid as invalid:
        values = keep_values(form, ["service_items"])
        return await own_page(request, viewer, wrong="services", errors=dict(invalid.errors), values=values, status=422)
    await actions.save_services(agency_id, items, acting=viewer, terms=desk.terms, now=desk.now)
    return await saved(request, viewer, "services")


@post("/agency/licence")
async def save_licence(request: AnyRequest) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    try:
        licence = await forms.parse_licence(form, limit=desk.upload_limit)
    except FormInvalid as invalid:
        return await own_page(request, viewer, wrong="licence", errors=dict(invalid.errors), status=422)
    store = running(request).files
    await actions.save_licence(agency_id, licence, acting=viewer, store=store, terms=desk.terms, now=desk.now)
    return await saved(request, viewer, "licence")


@post("/agency/commitment")
async def accept_commitment(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="signatory")
    if viewer.organisation_id is None:
        raise NotFound
    desk, form = await desk_of(request), await read_form(request)
    try:
        sha256 = forms.parse_commitment(form)
    except FormInvalid as invalid:
        return await own_page(request, viewer, wrong="commitment", errors=dict(invalid.errors), status=422)
    await actions.accept_commitment(viewer.organisation_id, sha256, acting=viewer, terms=desk.terms, now=desk.now)
    return redirect(request, await home_of(viewer, "commitment"), notice=N_("The commitment letter is accepted."))


@post("/agency/proposals/{change_id:uuid}/withdraw")
async def withdraw_change(request: AnyRequest, change_id: FromPath[UUID]) -> Response[Any]:
    _, agency_id = handler_of(request)
    desk = await desk_of(request)
    await actions.withdraw_change(agency_id, change_id, terms=desk.terms, now=desk.now)
    return redirect(request, "/agency/changes", notice=N_("The proposal is withdrawn; what stands goes on standing."))


async def saved(request: AnyRequest, viewer: Viewer, section: str) -> Response[Any]:
    """Back to the section, with a word on what saving meant."""
    url = await home_of(viewer, section)
    if url.startswith("/agency/changes"):
        notice = N_(
            "Handed in for review. What is in force goes on being in force until the operator has accepted the change."
        )
        return redirect(request, url, notice=notice)
    return redirect(request, url, notice=N_("Saved."))


@get("/agency/entry/check")
async def check_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    desk, dossier = await desk_of(request), await access_own(viewer)
    if dossier.agency.stage not in OPEN_STAGES:
        return redirect(request, "/agency/entry")
    found = [{"text": gap.message, "section": gap.section.value} for gap in open_gaps(desk, dossier)]
    return page(
        request, "agencies/check.html", desk, dossier=dossier, agency=dossier.agency, gaps=found,
        marks=await marks_on(desk, dossier),
        review_days=desk.rulebook.working_days("entry.review_days"), rounds=desk.rulebook.integer("entry.correction_rounds"),
        notice_days=desk.rulebook.days("entry.notice_days"), commitment=text_in_force(desk.now),
        may_write=viewer.has_role("handler"),
    )  # fmt: skip


@post("/agency/entry/submit")
async def submit(request: AnyRequest) -> Response[Any]:
    _, agency_id = handler_of(request)
    desk, version = await desk_of(request), forms.parse_version(await read_form(request))
    await actions.submit(agency_id, version=version, catalogue=desk.catalogue, terms=desk.terms, now=desk.now)
    notice = N_("Your application is handed in. You can follow it on this page.")
    return redirect(request, "/agency/entry", notice=notice)


@post("/agency/entry/withdraw")
async def withdraw_application(request: AnyRequest) -> Response[Any]:
    _, agency_id = handler_of(request)
    await actions.withdraw_application(agency_id)
    return redirect(
        request, "/agency/entry", notice=N_("The application is yours again: correct it and hand it in anew.")
    )


@post("/agency/entry/again")
async def apply_again(request: AnyRequest) -> Response[Any]:
    _, agency_id = handler_of(request)
    await actions.apply_again(agency_id, now=arrived_at(request))
    return redirect(
        request, "/agency/entry", notice=N_("A new application is open. What you entered before is still there.")
    )


@get("/agency/exit")
async def exit_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    return await _exit_page(request, viewer, {}, {})


@post("/agency/exit")
async def leave(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "agency", role="signatory")
    form = await read_form(request)
    try:
        reason, version = forms.parse_reason(form), forms.parse_version(form)
    except FormInvalid as invalid:
        return await _exit_page(request, viewer, dict(invalid.errors), keep_values(form), status=422)
    assert viewer.organisation_id is not None
    await actions.leave(viewer.organisation_id, reason, version=version, acting=viewer, now=arrived_at(request))
    return redirect(request, "/agency/entry", notice=N_("Your agency has left the supermarket."))


async def _exit_page(
    request: AnyRequest, viewer: Viewer, errors: Errors, values: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    desk, dossier = await desk_of(request), await access_own(viewer)
    if dossier.agency.stage is not Stage.ADMITTED:
        return redirect(request, "/agency/entry")
    return page(
        request, "agencies/exit.html", desk, status=status, dossier=dossier, agency=dossier.agency, errors=errors,
        values=values, labels=forms.LABELS, may_sign=viewer.has_role("signatory"),
    )  # fmt: skip


routes = [
    entry_page, changes_page, save_firm, save_services, save_licence, accept_commitment, withdraw_change, check_page,
    submit, withdraw_application, apply_again, exit_page, leave,
]  # fmt: skip
