"""Complaining, correcting, taking back, and reading a complaint."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.catalogue.queries import rulebook
from market.kernel.errors import NotFound
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.qr import qr_code
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.complaints import actions, queries, rules
from projects.complaints.forms import FILES_MOST, LABELS, REQUEST_MAX, TEXT_MAX, parse_complaint, parse_correction
from projects.complaints.panels import lamp_of
from projects.complaints.queries import ComplaintView
from projects.oversight import watches
from projects.queries import project_by_id
from projects.selection.objections.queries import ObjectionView, access_objection

AnyRequest = Request[Any, Any, Any]


async def _entitled(request: AnyRequest, objection_id: UUID) -> tuple[Viewer, ObjectionView]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    found = await access_objection(viewer, objection_id)
    if rules.standing_of(viewer.organisation_id, queries.objected(found)) is None:
        raise NotFound
    return viewer, found


@get("/objections/{objection_id:uuid}/complaint")
async def complaint_form(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _entitled(request, objection_id)
    known = await queries.own_about(objection_id, viewer.organisation_id)
    if known is not None:
        return redirect(request, known.url)
    return await _filing_page(request, objection_id)


async def _filing_page(request: AnyRequest, objection_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    _, found = await _entitled(request, objection_id)
    here, now = running(request), arrived_at(request)
    file_by = await actions.file_by(found.id, here.calendar, now)
    rules.check_filing(queries.objected(found), file_by=file_by, now=now)
    project = await project_by_id(found.project_id)
    book = await rulebook(project.rulebook_version)
    return render(
        request, "complaints/new.html", status=status, objection=found, project=project, file_by=file_by, labels=LABELS,
        acceptance_days=book.days("complaint.acceptance_days"), decision_days=book.days("complaint.decision_days"),
        text_max=TEXT_MAX, request_max=REQUEST_MAX, **_upload_words(request), **typed,
    )  # fmt: skip


def _upload_words(request: AnyRequest) -> dict[str, Any]:
    megabytes = running(request).settings.upload_limit_bytes // (1024 * 1024)
    return {"accept": ",".join(ENDINGS), "files_most": FILES_MOST, "megabytes": megabytes}


@post("/objections/{objection_id:uuid}/complaint")
@comes_back_to(_filing_page)
async def file_complaint(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _entitled(request, objection_id)
    here = running(request)
    complaint = await parse_complaint(await read_form(request), limit=here.settings.upload_limit_bytes)
    complaint_id = await actions.file_complaint(
        objection_id, complaint, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(request, f"/complaints/{complaint_id}", notice=N_("Your complaint is recorded."))


@get("/complaints/{complaint_id:uuid}")
async def complaint_page(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", "operator", "regulator")
    found = await queries.access_complaint(viewer, complaint_id)
    evidence = await queries.evidence_of(found.id) if queries.may_see_evidence(viewer, found) else None
    in_charge = await watches(viewer, found) and found.authority_id in (None, viewer.organisation_id)
    return render(
        request, "complaints/complaint.html", complaint=found, entry=await entry(found.entry_id), evidence=evidence,
        step=await lamp_of(found, arrived_at(request), running(request).calendar), in_charge=in_charge,
        book=await rulebook(found.rulebook_version),
    )  # fmt: skip


@get("/complaints/{complaint_id:uuid}/letter")
async def decision_letter(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    """The decision, or the refusal, as an official letter, for paper."""
    viewer = require_viewer(request, "owner", "agency", "operator", "regulator")
    found = await queries.access_complaint(viewer, complaint_id)
    act = await queries.ending_of(found)
    if act is None:
        raise NotFound
    address = running(request).settings.public_url + found.url
    return render(request, "complaints/letter.html", complaint=found, act=act, address=address, qr=qr_code(address),
                  book=await rulebook(found.rulebook_version),
                  objection=await access_objection(viewer, found.objection_id))  # fmt: skip


@get("/complaints/{complaint_id:uuid}/files/{file_id:uuid}")
async def evidence_file(request: AnyRequest, complaint_id: FromPath[UUID], file_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    return await download(request, await queries.access_evidence(require_viewer(request), complaint_id, file_id))


async def _own(request: AnyRequest, complaint_id: UUID) -> ComplaintView:
    return await queries.access_own(require_viewer(request, "owner", "agency", role="handler"), complaint_id)


@post("/complaints/{complaint_id:uuid}/withdraw")
async def withdraw(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    found = await _own(request, complaint_id)
    await actions.withdraw(found.id, viewer=require_viewer(request), calendar=running(request).calendar,
                           now=arrived_at(request))  # fmt: skip
    return redirect(request, found.url, notice=N_("Your complaint was taken back."))


@get("/complaints/{complaint_id:uuid}/correction")
async def correction_form(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    return await _correction_page(request, complaint_id)


async def _correction_page(
    request: AnyRequest, complaint_id: UUID, *, status: int = 200, **typed: Any
) -> Response[Any]:
    found = await _own(request, complaint_id)
    rules.check_correction(found.facts, arrived_at(request))
    return render(request, "complaints/correct.html", status=status, complaint=found, labels=LABELS, text_max=TEXT_MAX,
                  **_upload_words(request), **typed)  # fmt: skip


@post("/complaints/{complaint_id:uuid}/correction")
@comes_back_to(_correction_page)
async def correct(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    found = await _own(request, complaint_id)
    here = running(request)
    text, uploads = await parse_correction(await read_form(request), limit=here.settings.upload_limit_bytes)
    await actions.correct(found.id, text, uploads, viewer=require_viewer(request), files=here.files,
                          calendar=here.calendar, now=arrived_at(request))  # fmt: skip
    return redirect(request, found.url, notice=N_("Your correction is recorded."))


routes: list[Any] = [
    complaint_form, file_complaint, complaint_page, decision_letter, evidence_file, withdraw, correction_form, correct,
]  # fmt: skip
