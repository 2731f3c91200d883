"""The operator's and the regulators' pages: who is in the pool, reviews, training, assessment, fees."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery

from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.experts import actions, forms
from projects.experts.queries import pool
from projects.experts.queries.pool import ExpertView, access_expert
from projects.experts.queries.published import far_marks
from projects.experts.routes.words import (
    END_NAMES,
    PAGE,
    STAGE_KINDS,
    STAGE_NAMES,
    AnyRequest,
    book_in_force,
    lit,
    names_of,
)
from projects.experts.rules import GRADES, Stage

STATES = {
    "waiting": N_("To review"),
    "admitted": N_("In the pool"),
    "returned": N_("Returned for correction"),
    "left": N_("Refused or left"),
}
_RECORDED: Final = N_("Recorded.")


@get("/operator/experts")
async def desk_page(request: AnyRequest, show: FromQuery[str] = "waiting", page: FromQuery[int] = 1) -> Response[Any]:
    viewer = require_viewer(request, "operator", "regulator")
    show, page = show if show in STATES else "waiting", min(max(page, 1), 10_000)
    counts = await pool.desk_counts(viewer)
    found = await pool.experts_in(viewer, show, limit=PAGE, offset=(page - 1) * PAGE)
    lamps = [await lit(request, None, one.submitted_at or arrived_at(request), one.due_at) for one in found]
    return render(
        request, "experts/desk.html", lines=list(zip(found, lamps, strict=True)), show=show, page=page, counts=counts,
        pages=-(-counts[show] // PAGE), STATES=STATES, names=await names_of(request),
    )  # fmt: skip


@get("/operator/experts/{code:str}")
async def file_page(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    return await _file(request, code)


async def _file(request: AnyRequest, code: str, *, wrong: str = "", **typed: Any) -> Response[Any]:
    """`wrong`: which of the page's forms was typed into."""
    viewer = require_viewer(request, "operator", "regulator")
    expert, book = await access_expert(viewer, code), await book_in_force(request)
    far = await far_marks([expert.code], limit=book.integer("expert.deviation"))
    return render(
        request, "experts/file.html", expert=expert, wrong=wrong,
        names=await names_of(request), conflicts=await pool.conflicts_of(expert.id), GRADES=GRADES, END_NAMES=END_NAMES,
        trainings=await pool.trainings_of(expert.id), assessments=await pool.assessments_of(expert.id),
        services=await pool.services_of(expert.id), far=far[expert.code], state=STAGE_NAMES[expert.stage],
        kind=STAGE_KINDS.get(expert.stage, "plain"), today=beijing_date(arrived_at(request)),
        may_decide=viewer.has_role("handler"), may_keep=viewer.is_operator and viewer.has_role("handler"),
        under_review=expert.stage is Stage.SUBMITTED, admitted=expert.stage is Stage.ADMITTED,
        lamp=await lit(request, None, expert.submitted_at or arrived_at(request), expert.due_at), **typed,
    )  # fmt: skip


@post("/operator/experts/{code:str}")
@comes_back_to(partial(_file, wrong="review"))
async def decide(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "operator", "regulator", role="handler")
    await access_expert(viewer, code)
    command = forms.parse_review(await read_form(request))
    await actions.review(
        code, command.decision, command.reason, version=command.version, acting=viewer, now=arrived_at(request)
    )
    return redirect(
        request,
        "/operator/experts",
        notice=N_("The decision on {code} is recorded; the expert has been told."),
        code=code,
    )


async def _kept(request: AnyRequest, code: str) -> tuple[Viewer, ExpertView, FormMultiDict]:
    """Records are the operator's."""
    viewer = require_viewer(request, "operator", role="handler")
    return viewer, await access_expert(viewer, code), await read_form(request)


@post("/operator/experts/{code:str}/exit")
@comes_back_to(partial(_file, wrong="exit"))
async def end(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer, expert, form = await _kept(request, code)
    reason = forms.parse_reason(form)
    await actions.leave(code, reason, by=viewer.organisation_code, own_wish=False, now=arrived_at(request))
    return redirect(request, expert.url, notice=N_("The expert is out of the pool."))


@post("/operator/experts/{code:str}/suspension")
@comes_back_to(partial(_file, wrong="suspension"))
async def suspend(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    _, expert, form = await _kept(request, code)
    given = forms.parse_suspension(form, now=arrived_at(request))
    await actions.suspend(code, given.until, given.reason, version=given.version)
    return redirect(request, expert.url, notice=_RECORDED)


@post("/operator/experts/{code:str}/training")
@comes_back_to(partial(_file, wrong="training"))
async def record_training(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    (viewer, expert, form), now = await _kept(request, code), arrived_at(request)
    given = forms.parse_training(form, today=beijing_date(now))
    assert viewer.person_id is not None
    await actions.record_training(code, given.held_on, given.subject, given.hours, by=viewer.person_id, now=now)
    return redirect(request, expert.url, notice=_RECORDED)


@post("/operator/experts/{code:str}/assessment")
@comes_back_to(partial(_file, wrong="assessment"))
async def record_assessment(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    (viewer, expert, form), now = await _kept(request, code), arrived_at(request)
    given = forms.parse_assessment(form, today=beijing_date(now))
    assert viewer.person_id is not None
    await actions.record_assessment(code, given.year, given.grade, given.note, by=viewer.person_id, now=now)
    return redirect(request, expert.url, notice=_RECORDED)


async def _file_of_service(request: AnyRequest, code: str, member_id: UUID, **typed: Any) -> Response[Any]:
    return await _file(request, code, wrong=str(member_id), **typed)


@post("/operator/experts/{code:str}/panels/{member_id:uuid}")
@comes_back_to(_file_of_service)
async def record_service(request: AnyRequest, code: FromPath[str], member_id: FromPath[UUID]) -> Response[Any]:
    _, expert, form = await _kept(request, code)
    given = forms.parse_service(form)
    await actions.record_service(code, member_id, given.fee_fen, given.grade, given.note)
    return redirect(request, expert.url, notice=_RECORDED)


routes: list[Any] = [
    desk_page, file_page, decide, end, suspend, record_training, record_assessment, record_service,
]  # fmt: skip
