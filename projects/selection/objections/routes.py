"""Objections to a result and the operator's answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.catalogue.queries import rulebook
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.qr import qr_code
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.queries import ProjectView, project_by_id, project_by_number
from projects.selection.methods import METHODS
from projects.selection.objections import actions, queries
from projects.selection.objections.forms import LABELS, parse_answer, parse_grounds, parse_statement
from projects.selection.objections.queries import ObjectionView, is_party
from projects.selection.objections.rules import check_answer, check_objection, check_statement, remedies
from projects.selection.rounds.queries import RoundView, ids_of, round_by_no, standing_round

AnyRequest = Request[Any, Any, Any]


async def _party(request: AnyRequest, number: str) -> tuple[Viewer, ProjectView]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    project = await project_by_number(number)
    if not await is_party(viewer, project):
        raise NotFound
    return viewer, project


@get("/projects/{number:str}/objections/new")
async def objection_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _raise_page(request, number)


async def _raise_page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    _, project = await _party(request, number)
    check_objection(project.stage, project.result_notice_ends_at, arrived_at(request))
    book = await rulebook(project.rulebook_version)
    return render(
        request, "selection/objection_new.html", status=status, project=project, labels=LABELS,
        answer_days=book.days("objection.answer_days"), statement_days=book.days("objection.owner_statement_days"), round=await standing_round(project.id), **typed,
    )  # fmt: skip


@post("/projects/{number:str}/objections")
@comes_back_to(_raise_page)
async def raise_objection(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, project = await _party(request, number)
    now = arrived_at(request)
    check_objection(project.stage, project.result_notice_ends_at, now)
    grounds = parse_grounds(await read_form(request))
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    objection_id = await actions.raise_objection(
        project.id, viewer.organisation_id, grounds=grounds, by=viewer.person_id, now=now
    )
    return redirect(request, f"/objections/{objection_id}")


@get("/objections/{objection_id:uuid}")
async def objection_page(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", "operator", "regulator")
    found = await queries.access_objection(viewer, objection_id)
    return render(request, "selection/objection.html", objection=found, entry=await entry(found.entry_id),
                  project=await project_by_id(found.project_id))  # fmt: skip


@get("/objections/{objection_id:uuid}/letter")
async def answer_letter(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    """The answer as an official letter, for paper."""
    viewer = require_viewer(request, "owner", "agency", "operator", "regulator")
    found = await queries.access_objection(viewer, objection_id)
    act = await queries.act_of(found, "objection.answered")
    if act is None:
        raise NotFound
    address = running(request).settings.public_url + found.url
    return render(request, "selection/letter.html", objection=found, act=act, address=address, qr=qr_code(address),
                  project=await project_by_id(found.project_id))  # fmt: skip


@get("/objections/{objection_id:uuid}/statement")
async def statement_form(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    return await _statement_page(request, objection_id)


async def _own_objection(request: AnyRequest, objection_id: UUID) -> ObjectionView:
    """An objection to the result of the viewer's own project."""
    viewer = require_viewer(request, "owner", role="handler")
    found = await queries.access_objection(viewer, objection_id)
    if found.owner_id != viewer.organisation_id:
        raise NotFound
    return found


async def _statement_page(request: AnyRequest, objection_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    found = await _own_objection(request, objection_id)
    check_statement(found.statement_due_at, found.stated_at, not found.open, arrived_at(request))
    return render(
        request, "selection/statement.html", status=status, objection=found, labels=LABELS,
        project=await project_by_id(found.project_id), **typed,
    )  # fmt: skip


@post("/objections/{objection_id:uuid}/statement")
@comes_back_to(_statement_page)
async def state_view(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    found = await _own_objection(request, objection_id)
    now = arrived_at(request)
    check_statement(found.statement_due_at, found.stated_at, not found.open, now)
    statement = parse_statement(await read_form(request))
    viewer = require_viewer(request)
    assert viewer.person_id is not None
    await actions.state_view(objection_id, found.owner_id, statement=statement, by=viewer.person_id, now=now)
    return redirect(request, found.url, notice=N_("Your statement is recorded."))


@post("/objections/{objection_id:uuid}/withdraw")
async def withdraw_objection(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    assert viewer.organisation_id is not None
    await actions.withdraw_objection(objection_id, viewer.organisation_id, now=arrived_at(request))
    return redirect(request, f"/objections/{objection_id}", notice=N_("Your objection was taken back."))


@get("/objections/{objection_id:uuid}/answer")
async def answer_form(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    require_viewer(request, "operator", role="handler")
    found = await queries.objection_by_id(objection_id)
    return await _answer_page(request, objection_id) if found.open else redirect(request, found.url)


async def _answer_page(request: AnyRequest, objection_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    found = await queries.objection_by_id(objection_id)
    if found.open:
        check_answer(found.statement_due_at, found.stated_at, arrived_at(request))
    return render(
        request, "selection/answer.html", status=status, objection=found, labels=LABELS,
        project=await project_by_id(found.project_id), round=await _round(found), alone=await _alone(found), **typed,
    )  # fmt: skip


async def _alone(found: ObjectionView) -> bool:
    """Does the notice name the one agency?"""
    return METHODS[(await _round(found)).method].alone


async def _round(found: ObjectionView) -> RoundView:
    return await round_by_no(found.project_id, found.round_no)


@post("/objections/{objection_id:uuid}/answer")
@comes_back_to(_answer_page)
async def answer_objection(request: AnyRequest, objection_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "operator", role="handler")
    found = await queries.objection_by_id(objection_id)
    if found.open:
        check_answer(found.statement_due_at, found.stated_at, arrived_at(request))
    codes, offered = [one.code for one in (await _round(found)).pool or ()], remedies(alone=await _alone(found))
    answer = parse_answer(await read_form(request), pool=codes, ids=await ids_of(codes), offered=offered)
    assert viewer.person_id is not None
    await actions.answer_objection(objection_id, answer, by=viewer.person_id, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your answer is published."))


routes: list[Any] = [
    objection_form, raise_objection, objection_page, answer_letter, statement_form, state_view, withdraw_objection,
    answer_form, answer_objection,
]  # fmt: skip
