"""Amending and withdrawing a published notice."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.posting import actions, rules
from projects.posting.forms import LABELS
from projects.posting.routes.amendment_pages import amend_page, amended_values, compare_page
from projects.queries import ProjectView, access_own_project

AnyRequest = Request[Any, Any, Any]


async def _own_open(request: AnyRequest, number: str) -> tuple[Viewer, ProjectView]:
    """Signatories bind the owner; after the close nothing can be changed."""
    viewer = require_viewer(request, "owner", role="signatory")
    project = await access_own_project(viewer, number)
    rules.check_still_open(project.stage, project.sign_up_closes_at, arrived_at(request))
    return viewer, project


@get("/projects/{number:str}/amend")
async def amend_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, project = await _own_open(request, number)
    return await amend_page(request, project)


@post("/projects/{number:str}/amend", status_code=200)
async def amend(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """First shows before and after; publishes when that was confirmed."""
    viewer, project = await _own_open(request, number)
    form, here, now = await read_form(request), running(request), arrived_at(request)
    values = await amended_values(form, project)
    if form.get("back"):
        return await amend_page(request, project, values=values, form=form)
    reason, errors = _reason(form)
    try:
        planned = await actions.preview(project, values, calendar=here.calendar, beacon=here.beacon, now=now)
    except FormInvalid as invalid:
        errors |= invalid.errors
    if errors:
        return await amend_page(request, project, values=values, form=form, errors=errors, status=422)
    if form.get("confirmed") != "yes":
        return await compare_page(request, project, planned, form, reason)
    await actions.amend(viewer, number, values, reason=reason, calendar=here.calendar, beacon=here.beacon, now=now)
    return redirect(request, f"{project.url}?receipt=1")


def _reason(form: FormMultiDict) -> tuple[str, dict[str, Any]]:
    fields = Fields(form)
    return fields.text("reason", LABELS["reason"], min_length=4, max_length=500), dict(fields.errors)


@get("/projects/{number:str}/withdraw")
async def withdraw_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, project = await _own_open(request, number)
    return _withdraw_page(request, project)


def _withdraw_page(request: AnyRequest, project: ProjectView, *, status: int = 200, **typed: Any) -> Response[Any]:
    return render(
        request, "projects/withdraw.html", status=status, **{"project": project, "errors": {}, "reason": "", **typed}
    )


@post("/projects/{number:str}/withdraw")
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, project = await _own_open(request, number)
    form = await read_form(request)
    fields = Fields(form)
    reason = fields.text("reason", LABELS["reason"], min_length=10, max_length=500)
    try:
        fields.check()
    except FormInvalid as invalid:
        return _withdraw_page(request, project, status=422, errors=invalid.errors, reason=fields.raw("reason"))
    await actions.withdraw(viewer, number, reason=reason, now=arrived_at(request))
    return redirect(
        request, f"{project.url}?receipt=1", notice=N_("The notice is withdrawn. Everybody who signed up was told.")
    )


routes: list[Any] = [amend_form, amend, withdraw_form, withdraw]
