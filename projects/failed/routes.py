"""The page on which an owner names an agency after failed selections."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.actions import stage_moved
from projects.failed import actions, panels, queries
from projects.failed.forms import LABELS, OTHER, REASON_MAX, parse_pick
from projects.failed.rules import check_pick
from projects.queries import ProjectView, access_own_project
from projects.rules import Stage

__all__ = ["panels", "routes"]

AnyRequest = Request[Any, Any, Any]


async def _failed(request: AnyRequest, number: str) -> ProjectView:
    """The viewer's own failed project, where it may name an agency."""
    project = await access_own_project(require_viewer(request, "owner", role="handler"), number)
    if project.stage is not Stage.FAILED:
        raise stage_moved()
    check_pick(await queries.situation_of(project, arrived_at(request)), await queries.limits_of(project))
    return project


@get("/projects/{number:str}/pick")
async def pick_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _page(request, number)


async def _page(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    project = await _failed(request, number)
    return render(request, "failed/pick.html", status=status, project=project, labels=LABELS, other=OTHER,
                  signed=await queries.signed_up(project.id), reason_max=REASON_MAX,
                  situation=await queries.situation_of(project, arrived_at(request)), **typed)  # fmt: skip


@post("/projects/{number:str}/pick")
@comes_back_to(_page)
async def pick(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    project, form = await _failed(request, number), await read_form(request)
    codes, reason = parse_pick(form, [one.code for one in await queries.signed_up(project.id)])
    viewer = require_viewer(request)
    draft_id = await actions.pick(viewer, number, codes=codes, reason=reason, now=arrived_at(request))
    return redirect(request, f"/owner/drafts/{draft_id}",
                    notice=N_("A draft of a direct pick. Check the price and choose a closing time."))  # fmt: skip


routes: list[Any] = [pick_page, pick]
