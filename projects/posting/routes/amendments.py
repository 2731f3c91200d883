"""Amending and withdrawing a published notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.posting import actions, rules
from projects.posting.actions.amendment import Amendment
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
    return await _amend_form(request, number)


async def _amend_form(
    request: AnyRequest, number: str, *, values: Mapping[str, Any] | None = None, **said: Any
) -> Response[Any]:
    """`values` are read from the form itself: what was typed stands over what is published."""
    _, project = await _own_open(request, number)
    return await amend_page(request, project, await read_form(request), **said)


@post("/projects/{number:str}/amend", status_code=200)
@comes_back_to(_amend_form)
async def amend(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """First shows before and after; publishes when that was confirmed."""
    viewer, project = await _own_open(request, number)
    form, here, now = await read_form(request), running(request), arrived_at(request)
    if form.get("back"):
        return await amend_page(request, project, form)
    values = await amended_values(form, project)
    reason, planned = await _planned(request, project, form, values)
    if form.get("confirmed") != "yes":
        return await compare_page(request, project, planned, form, reason)
    await actions.amend(viewer, number, values, reason=reason, calendar=here.calendar, beacon=here.beacon, now=now)
    return redirect(request, f"{project.url}?receipt=1")


async def _planned(
    request: AnyRequest, project: ProjectView, form: FormMultiDict, values: Mapping[str, Any]
) -> tuple[str, Amendment]:
    """The reason, and what would happen. Raises FormInvalid with all that is wrong with either."""
    fields, here = Fields(form), running(request)
    reason = fields.text("reason", LABELS["reason"], min_length=4, max_length=500)
    try:
        planned = await actions.preview(
            project, values, calendar=here.calendar, beacon=here.beacon, now=arrived_at(request)
        )
    except FormInvalid as invalid:
        raise FormInvalid({**fields.errors, **invalid.errors}) from invalid
    fields.check()
    return reason, planned


@get("/projects/{number:str}/withdraw")
async def withdraw_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _withdraw_form(request, number)


async def _withdraw_form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    _, project = await _own_open(request, number)
    return render(request, "projects/withdraw.html", project=project, **typed)


@post("/projects/{number:str}/withdraw")
@comes_back_to(_withdraw_form)
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, project = await _own_open(request, number)
    fields = Fields(await read_form(request))
    reason = fields.text("reason", LABELS["reason"], min_length=10, max_length=500)
    fields.check()
    await actions.withdraw(viewer, number, reason=reason, now=arrived_at(request))
    return redirect(
        request, f"{project.url}?receipt=1", notice=N_("The notice is withdrawn. Everybody who signed up was told.")
    )


routes: list[Any] = [amend_form, amend, withdraw_form, withdraw]
