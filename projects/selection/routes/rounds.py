"""A draw as everybody may see it: who was in it, what decided, and how to compute it again."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.beacon.source import Beacon
from market.register.queries import history_of
from market.web.context import arrived_at, running
from market.web.pages import render
from market.web.viewer import viewer_of
from projects.queries import project_by_number
from projects.selection import dossier, queries
from projects.selection.routes.access import may_object
from projects.selection.routes.views import check_items, places_of, round_public_at, story_of

AnyRequest = Request[Any, Any, Any]
FOR_EVER = "public, max-age=31536000, immutable"


@get("/projects/{number:str}/rounds/{no:int}")
async def round_page(request: AnyRequest, number: FromPath[str], no: FromPath[int]) -> Response[Any]:
    project, now = await project_by_number(number), arrived_at(request)
    found = await queries.round_by_no(project.id, no)
    beacon: Beacon = running(request).beacon
    data = dossier.parse(await queries.dossier_of(project.id, no)) if found.drawn_at else None
    public_at = round_public_at(found, beacon.chain)
    history = await history_of(project.number)
    objections = [one for one in await queries.objections_of(project.id) if one.round_id == found.id]
    return render(
        request, "selection/round.html", project=project, round=found, dossier=data, public_at=public_at,
        rounds=await queries.rounds_of(project.id), places=places_of(found, data), lines=check_items,
        story=lambda: story_of(project, found, history, public_at, now), objections=objections,
        demonstration=beacon.demonstration and public_at is not None,
        dossier_url=f"{project.url}/rounds/{no}/dossier.json",
        may_object=found.state == "drawn" and await may_object(viewer_of(request), project, now),
    )  # fmt: skip


@get("/projects/{number:str}/rounds/{no:int}/dossier.json")
async def dossier_file(number: FromPath[str], no: FromPath[int]) -> Response[bytes]:
    """Exactly the published bytes: their hash is in the register."""
    project = await project_by_number(number)
    headers = {"cache-control": FOR_EVER, "content-disposition": f'attachment; filename="{project.number}-{no}.json"'}
    return Response(await queries.dossier_of(project.id, no), media_type="application/json", headers=headers)


routes: list[Any] = [round_page, dossier_file]
