"""Pages on which a regulator records and corrects verdicts, and the protected download of the authority's letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.errors import NotFound, Refusal
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.fulfilment.forms import REASONS_MOST, WHAT_MAX
from projects.fulfilment.queries import Fulfilment
from projects.verdicts import actions, panels, queries
from projects.verdicts.forms import LABELS, REASON_MAX, parse_correction, parse_verdict
from projects.verdicts.queries import Report, VerdictView

__all__ = ["panels", "routes"]

AnyRequest = Request[Any, Any, Any]


@get("/regulator/verdicts")
async def desk(request: AnyRequest) -> Response[str]:
    found = await queries.desk_of(require_viewer(request, "regulator"))
    groups = {
        "waiting": [one for one in found if one.latest is None],
        "returned": [one for one in found if one.latest == "returned"],
        "passed": [one for one in found if one.latest == "passed"],
    }
    return render(request, "verdicts/desk.html", groups=groups, limit=queries.DESK_LIMIT)


@get("/projects/{number:str}/verdicts")
async def verdict_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _record_form(request, number)


async def _record_form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    return _form(request, *await _open(request, number), **typed)


async def _open(request: AnyRequest, number: str) -> tuple[Fulfilment, list[Report]]:
    """The reports of this project on which something can still be recorded. Raises Refusal where there is none."""
    viewer = require_viewer(request, "regulator", role="signatory")
    fulfilment, reports = await queries.access_as_regulator(viewer, number)
    undecided = [one for one in reports if not one.passed]
    if not undecided:
        raise Refusal(
            "verdict.nothing_open", N_("No accepted report of this project waits for a verdict."),
            todo=N_("A verdict that was recorded wrongly is corrected on the project's page."),
        )  # fmt: skip
    return fulfilment, undecided


def _form(
    request: AnyRequest, fulfilment: Fulfilment, reports: list[Report], *, status: int = 200, **typed: Any
) -> Response[Any]:
    viewer, settings = require_viewer(request), running(request).settings
    context = {"values": {"authority": viewer.organisation_name}, "old": None, **typed}
    return render(
        request, "verdicts/record.html", status=status, fulfilment=fulfilment, contract=fulfilment.contract, reports=reports,
        labels=LABELS, accept=",".join(ENDINGS), reasons_most=REASONS_MOST, what_max=WHAT_MAX, reason_max=REASON_MAX,
        megabytes=settings.upload_limit_bytes // (1024 * 1024), **context,
    )  # fmt: skip


@post("/projects/{number:str}/verdicts", status_code=200)
@comes_back_to(_record_form)
async def record(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    fulfilment, reports = await _open(request, number)
    here, form = running(request), await read_form(request)
    milestones = tuple(one.milestone for one in reports)
    milestone, new = await parse_verdict(form, milestones=milestones, limit=here.settings.upload_limit_bytes)
    await actions.record_verdict(
        number, milestone, new, viewer=require_viewer(request), files=here.files, now=arrived_at(request)
    )
    return _back(request, fulfilment, N_("The verdict is recorded; both sides are told."))


@get("/projects/{number:str}/verdicts/{no:int}")
async def correction_page(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    return await _correction_form(request, number, no)


async def _correction_form(request: AnyRequest, number: str, no: int, **typed: Any) -> Response[Any]:
    """Filled with the verdict as it stands until somebody has typed into it."""
    fulfilment, reports, old = await _standing(request, number, no)
    return _form(request, fulfilment, reports, old=old, **{"values": _values(old), **typed})


async def _standing(request: AnyRequest, number: str, no: int) -> tuple[Fulfilment, list[Report], VerdictView]:
    """The report and the verdict that is to be corrected; NotFound where that holds no more."""
    viewer = require_viewer(request, "regulator", role="signatory")
    fulfilment, reports = await queries.access_as_regulator(viewer, number)
    for report in reports:
        for one in report.verdicts:
            if one.no == no and one.holds:
                return fulfilment, [report], one
    raise NotFound


def _values(old: VerdictView) -> dict[str, str]:
    values = {"outcome": str(old.outcome), "authority": old.authority, "document_number": old.document_number,
              "decided_on": old.decided_on.isoformat()}  # fmt: skip
    for place, one in enumerate(old.reasons, start=1):
        values |= {f"where_{place}": one.where, f"what_{place}": one.what}
    return values


@post("/projects/{number:str}/verdicts/{no:int}", status_code=200)
@comes_back_to(_correction_form)
async def correct(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    fulfilment, _, old = await _standing(request, number, no)
    here, form = running(request), await read_form(request)
    given = await parse_correction(form, old, limit=here.settings.upload_limit_bytes)
    await actions.correct_verdict(
        number, no, given.verdict, given.reason, viewer=require_viewer(request), files=here.files, now=arrived_at(request)
    )  # fmt: skip
    return _back(request, fulfilment, N_("The correction is recorded; both sides are told."))


def _back(request: AnyRequest, fulfilment: Fulfilment, notice: str) -> Response[Any]:
    return redirect(request, f"{fulfilment.contract.project_url}#verdicts", notice=notice)


@get("/verdicts/{verdict_id:uuid}/letter")
async def letter(request: AnyRequest, verdict_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    return await download(request, await queries.access_letter(require_viewer(request), verdict_id))


routes: list[Any] = [desk, verdict_page, record, correction_page, correct, letter]
