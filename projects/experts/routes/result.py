"""The experts' part of the project page: that they are at work, and afterwards every mark of each of them."""

from __future__ import annotations

from datetime import datetime

from market.beacon.rules import round_time
from market.catalogue.queries import rulebook
from market.web.context import running
from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from projects.experts.queries.panels import further_draws, panels_of_project
from projects.experts.queries.published import published_panel
from projects.experts.routes.words import END_NAMES, AnyRequest
from projects.queries import criteria_of, project_by_number


@panel("project", order=45)
async def experts_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    project = await project_by_number(key)
    if project.method != "merit":
        return None
    panels = [one for one in await panels_of_project(project.id) if one.drawn_at is not None]
    if not panels:
        return None
    book = await rulebook(project.rulebook_version)
    limit, newest = book.integer("expert.deviation"), panels[0]
    published = None
    if newest.completed_at is not None and project.drawn_at is not None:
        published = await published_panel(newest, limit=limit)
    further = await further_draws(newest.id)
    chain = running(request).beacon.chain
    return Panel("experts/_panel.html", {
        "further": further, "public_at": lambda draw: round_time(chain, draw.beacon_round),
        "project": project, "panel_of_experts": newest, "published": published, "criteria": await criteria_of(project.id),
        "limit": limit, "named": book.flag("expert.names_public"), "END_NAMES": END_NAMES,
    })  # fmt: skip
