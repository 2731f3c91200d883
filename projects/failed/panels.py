"""On the page of a failed project: what happened, what the rules allow, and how the job went on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from projects.failed import queries
from projects.failed.rules import ways
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage

AnyRequest = Request[Any, Any, Any]


@panel("project", order=5)
async def failed_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    project = await project_by_number(key)
    if project.stage is not Stage.FAILED and project.repost_of is None:
        return None  # only a failed project is posted again
    chain = await queries.chain_of(project.id)
    if project.stage is not Stage.FAILED:
        return Panel("failed/_chain.html", {"project": project, "chain": chain}) if len(chain) > 1 else None
    return Panel("failed/_panel.html", {
        "project": project, "chain": chain, "failure": await queries.failure_of(project),
        "mine": viewer.organisation_id == project.owner_id, "acting": _acts(viewer, project), **await _rules(project, now),
    })  # fmt: skip


def _acts(viewer: Viewer, project: ProjectView) -> bool:
    return viewer.organisation_id == project.owner_id and viewer.has_role("handler")


async def _rules(project: ProjectView, now: datetime) -> dict[str, Any]:
    situation, limits = await queries.situation_of(project, now), await queries.limits_of(project)
    return {"situation": situation, "limits": limits, "ways": {str(one) for one in ways(situation, limits)}}
