"""Public pages of projects: the list of notices, the results, a project with everything about it, the printed notice."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, Parameter
from litestar.response import Stream

from market.catalogue import queries as catalogue_queries
from market.kernel.i18n import speaking, translate
from market.register.queries import Entry, history_of
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.kept import KEPT
from market.web.pages import locale_of, render
from market.web.panels import rendered_panels
from market.web.qr import qr_code
from market.web.viewer import require_viewer, viewer_of
from projects.eligibility import Requirement
from projects.page import queries, views
from projects.page.example_views import methods_explained
from projects.page.listing import list_context, results_context
from projects.page.method_views import method_shown
from projects.page.queries import ListQuery
from projects.page.rules import stage_name
from projects.page.timeline import codes_in, happenings, receipt_of
from projects.posting.actions import notice_json, notice_sha256
from projects.posting.queries import published_notice
from projects.posting.views.notice import funds_text, requirement_text
from projects.queries import ProjectView, criteria_of, project_by_number, reading_once, stated_milestones
from projects.selection.rounds.announced import least
from projects.selection.sign_ups.showing import sign_up_facts

AnyRequest = Request[Any, Any, Any]
PageNumber = FromQuery[Annotated[int, Parameter(ge=1, le=queries.MOST_PAGES)]]


@get("/projects", opt=KEPT)
async def project_list(
    request: AnyRequest,
    q: FromQuery[str] = "",
    region: FromQuery[str] = "",
    item: FromQuery[str] = "",
    stage: FromQuery[str] = "",
    method: FromQuery[str] = "",
    band: FromQuery[str] = "",
    soon: FromQuery[str] = "",
    sort: FromQuery[str] = "newest",
    page: PageNumber = 1,
) -> Response[str]:
    """Every filter is part of the address, so that a list can be sent to somebody."""
    now = arrived_at(request)
    catalogue = await catalogue_queries.catalogue_at(now)
    # Litestar never fills an argument called `cls`: it takes it for Python's own.
    of_class = _code(request.query_params.get("cls", ""))
    asked = ListQuery(
        q.strip()[:80], _code(region), of_class, _code(item), stage, method, band, soon == "1", sort, page
    )
    lines, total = await queries.notices(asked, now)
    with speaking(locale_of(request)):
        context = list_context(request, asked, lines, total, catalogue)
    return render(request, "projects/list.html", **context)


def _code(text: str) -> str:
    """Codes of the catalogue are letters and digits; anything else is no filter."""
    return text if text.isascii() and text.isalnum() and len(text) <= 8 else ""


@get("/results", opt=KEPT)
async def result_list(request: AnyRequest, failed: FromQuery[str] = "", page: PageNumber = 1) -> Response[str]:
    now = arrived_at(request)
    catalogue = await catalogue_queries.catalogue_at(now)
    lines, total = await queries.results(failed=failed == "1", page=page)
    with speaking(locale_of(request)):
        context = results_context(lines, total, catalogue, failed=failed == "1", page=page)
    return render(request, "projects/results.html", **context)


@get("/methods", opt=KEPT)
async def methods_page(request: AnyRequest) -> Response[str]:
    """Every method of selection, explained with an example, with the numbers of the rulebook in force."""
    book = await catalogue_queries.rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    with speaking(locale_of(request)):
        methods = methods_explained(book)
    return render(request, "projects/methods.html", methods=methods)


@get("/projects/{number:str}", opt=KEPT)
async def project_page(request: AnyRequest, number: FromPath[str], receipt: FromQuery[str] = "") -> Response[str]:
    """`receipt=1` shows the receipt of the owner's last act on the notice above everything else."""
    now, viewer = arrived_at(request), viewer_of(request)
    with reading_once():
        project = await project_by_number(number)
        context = await _project_context(request, project)
        panels = await rendered_panels("project", request, viewer, number, now)
    entries = await history_of(number)
    return render(
        request, "projects/project.html", panels=panels, history=await _history(request, project, entries),
        receipt=receipt_of(entries) if receipt == "1" else None, is_mine=viewer.organisation_id == project.owner_id, **context,
    )  # fmt: skip


async def _history(request: AnyRequest, project: ProjectView, entries: list[Entry]) -> list[dict[str, Any]]:
    known = {project.owner_code: project.owner_name, project.winner_code or "": project.winner_name or ""}
    names = known | await queries.names_of([code for code in codes_in(entries) if code not in known])
    found = happenings(entries, names)
    with speaking(locale_of(request)):
        return views.timeline_rows(found)


async def _project_context(request: AnyRequest, project: ProjectView) -> dict[str, Any]:
    """What the page and the printed notice have in common."""
    now, here = arrived_at(request), running(request)
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    details, criteria = await queries.details_of(project.id), await criteria_of(project.id)
    public_at = views.committed_at(details, here.beacon.chain, project)
    with speaking(locale_of(request)):
        return {
            "project": project, "details": details, "documents": views.document_rows(details.documents, project),
            "steps": views.stepper_steps(project, now, here.calendar, rulebook),
            "items": views.item_names(project.service_items, catalogue),
            "region": views.region_name(project.region_code, catalogue),
            "milestones": await stated_milestones(project.id),
            "requirements": [requirement_text(Requirement(*one), catalogue) for one in details.requirements],
            "funds": funds_text(project.fiscal_share), "method": method_shown(project, rulebook, criteria, public_at, now),
            "amendments": views.amendments_shown(details.amendments, catalogue),
            "round_public_at": public_at, "demonstration": here.beacon.demonstration, "minimum": least(project, rulebook),
            "algorithm": rulebook.text("draw.algorithm"), "stage_name": translate(stage_name(project.stage, project.method)),
            "clock_speed": here.settings.clock_speed,
        }  # fmt: skip


@get("/projects/{number:str}/notice")
async def notice_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """The notice as it reads now, for paper: with its hash and the address of the live page as a QR code."""
    project = await project_by_number(number)
    notice = await published_notice(project.id)
    url = f"{running(request).settings.public_url}{project.url}"
    return render(
        request, "projects/notice.html", sha256=notice_sha256(notice), url=url, qr=qr_code(url),
        **await _project_context(request, project),
    )  # fmt: skip


@get("/projects/{number:str}/notice.json")
async def notice_file(number: FromPath[str]) -> Response[bytes]:
    """The notice as canonical JSON: the bytes whose SHA-256 the register entry names."""
    project = await project_by_number(number)
    return Response(notice_json(await published_notice(project.id)), media_type="application/json")


@get("/projects/{number:str}/eligibility")
async def eligibility_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """May my agency take part, rule by rule."""
    viewer, now = require_viewer(request, "agency"), arrived_at(request)
    project = await project_by_number(number)
    facts = await sign_up_facts(project, viewer, now)
    with speaking(locale_of(request)):
        items = views.eligibility_items(facts.assessment.lines, project)
    template = "projects/_eligibility.html" if request.headers.get("hx-request") else "projects/eligibility.html"
    return render(
        request, template, project=project, items=items, eligible=facts.assessment.eligible,
        can_sign=viewer.has_role("handler") and project.sign_up_open(now),
    )  # fmt: skip


@get("/projects/{number:str}/files/{file_id:uuid}")
async def notice_document(request: AnyRequest, number: FromPath[str], file_id: FromPath[UUID]) -> Stream:
    """A public document of the notice; always saved, never shown by the browser itself."""
    return await download(request, await queries.document_of(number, file_id))


routes: list[Any] = [
    project_list,
    result_list,
    methods_page,
    project_page,
    notice_page,
    notice_file,
    eligibility_page,
    notice_document,
]
