"""The lists of cases, the page of one, its files and letters, and what everybody may read of decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from market.catalogue.queries import rulebook
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.context import arrived_at, running
from market.web.downloads import download, pdf_response
from market.web.forms import page_number
from market.web.pages import locale_of, render
from market.web.qr import qr_code
from market.web.viewer import require_viewer
from projects.complaints.queries import complaint_by_id
from ratings.cases import queries
from ratings.cases.letters import KINDS, Letter, letter, letter_pdf
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import PARTIES, SUPERVISORS, AnyRequest, lamp_of, points_of, words
from ratings.cases.rules import Measure

LETTER_NAMES = {"notice": N_("Notice before a decision"), "decision": N_("Written decision"),
                "talk": N_("Invitation to a talk"), "report": N_("Report to the superior authority"),
                "appeal": N_("Written decision on an appeal"), "repair": N_("Written decision on credit repair")}  # fmt: skip


@get("/cases")
async def desk(request: AnyRequest, page: FromQuery[str] = "1") -> Response[Any]:
    viewer, now = require_viewer(request, *SUPERVISORS, *PARTIES), arrived_at(request)
    if not (viewer.is_regulator or viewer.is_operator):
        own = await queries.cases_of(viewer.organisation_id, now)
        return render(request, "cases/own.html", cases=await _lit(request, own), **words())
    waiting = await queries.waiting_for(viewer, now)
    return render(
        request, "cases/desk.html", waiting=await _lit(request, waiting),
        ended=await queries.ended_for(viewer, now, page_number(page)), may_open=viewer.has_role("handler"), **words(),
    )  # fmt: skip


async def _lit(request: AnyRequest, found: list[CaseView]) -> list[tuple[CaseView, Any]]:
    calendar = running(request).calendar
    return [(one, lamp_of(one, await rulebook(one.rulebook_version), calendar)) for one in found]


@get("/cases/{number:str}")
async def case_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, *PARTIES)
    found = await queries.access_case(viewer, number, arrived_at(request))
    book = await rulebook(found.rulebook_version)
    return render(
        request, "cases/case.html", case=found, book=book, step=lamp_of(found, book, running(request).calendar),
        points=points_of(found, book), entry=await entry(found.entry_id), letters=_letters(found), letter_names=LETTER_NAMES,
        repairable=queries.repairable(found, book), complaint=await complaint_by_id(found.complaint_id) if found.complaint_id else None,
        mine=viewer.organisation_id == found.organisation_id, **words(),
    )  # fmt: skip


def _letters(found: CaseView) -> list[str]:
    there = {"notice": found.notified_at, "decision": found.decided_at, "appeal": found.appeal_decided_at,
             "talk": found.talk, "report": found.measure_kind is Measure.REPORT or None,
             "repair": found.repair.decided_at if found.repair else None}  # fmt: skip
    return [kind for kind in KINDS if there[kind] is not None]


@get("/cases/{number:str}/files/{file_id:uuid}")
async def case_file(request: AnyRequest, number: FromPath[str], file_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    viewer = require_viewer(request, *SUPERVISORS, *PARTIES)
    return await download(request, await queries.access_file(viewer, number, file_id, arrived_at(request)))


async def _letter(request: AnyRequest, number: str, kind: str) -> tuple[Letter, str]:
    viewer = require_viewer(request, *SUPERVISORS, *PARTIES)
    found = await queries.access_case(viewer, number, arrived_at(request))
    book = await rulebook(found.rulebook_version)
    made = await letter(found, kind, points_of(found, book), book)
    return made, f"{running(request).settings.public_url}/register/entries/{made.act.id}"


@get("/cases/{number:str}/letters/{kind:str}")
async def letter_page(request: AnyRequest, number: FromPath[str], kind: FromPath[str]) -> Response[Any]:
    made, address = await _letter(request, number, kind)
    return render(request, "cases/letter.html", letter=made, address=address, qr=qr_code(address))


@get("/cases/{number:str}/letters/{kind:str}/pdf")
async def letter_file(request: AnyRequest, number: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    made, address = await _letter(request, number, kind)
    content = await letter_pdf(made, address=address, bilingual=locale_of(request) == "en")
    return pdf_response(content, f"{made.number}-{kind}.pdf")


@get("/decisions")
async def decisions_page(request: AnyRequest) -> Response[Any]:
    return render(request, "cases/decisions.html", decisions=await queries.published(arrived_at(request)), **words())


@get("/decisions/{number:str}")
async def decision_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    found = await queries.published_case(number, arrived_at(request))
    book = await rulebook(found.rulebook_version)
    act = await entry(found.decision_entry_id or found.entry_id)
    return render(
        request, "cases/decision_public.html", case=found, book=book, points=points_of(found, book), act=act, **words()
    )


routes: list[Any] = [
    desk, case_page, case_file, letter_page, letter_file, decisions_page, decision_page,
]  # fmt: skip
