"""The part of the project page that tells when live bidding runs, and the entry of a bidder's work bench."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.kernel.db import fetch
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.queries import project_by_number
from projects.rules import Stage
from projects.selection.live.queries import bidding_in, in_pool
from projects.selection.live.rules import Phase
from projects.selection.methods import multi_round

AnyRequest = Request[Any, Any, Any]
SHOWN = (Stage.SIGN_UP, Stage.DRAWING)


@panel("project", order=35)
async def live_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Everybody sees when the rounds run; the way in is shown to the pool alone."""
    project = await project_by_number(key)
    bidding = await bidding_in(project)
    if bidding is None or project.stage not in SHOWN:
        return None
    invited = viewer.is_agency and await in_pool(project, viewer.organisation_code)
    return Panel("selection/_live.html", {
        "project": project, "bidding": bidding, "schedule": bidding.schedule, "phase": bidding.schedule.phase(now),
        "in_pool": invited,
    })  # fmt: skip


@waiting("projects.selection.live")
async def to_bid(viewer: Viewer, now: datetime) -> list[Waiting]:
    """An agency of the pool knows when it may bid, until the last round is over."""
    if not viewer.is_agency:
        return []
    rows = await fetch(
        "SELECT p.number FROM project p JOIN sign_up s ON s.project_id = p.id AND s.withdrawn_at IS NULL"
        " WHERE p.method = $1 AND p.stage = $2 AND s.agency_id = $3 ORDER BY p.bidding_starts_at",
        multi_round.CODE, str(Stage.DRAWING), viewer.organisation_id,
    )  # fmt: skip
    return [one for row in rows if (one := await _waiting(viewer, row["number"], now)) is not None]


async def _waiting(viewer: Viewer, number: str, now: datetime) -> Waiting | None:
    project = await project_by_number(number)
    bidding = await bidding_in(project)
    if bidding is None or bidding.schedule.phase(now) is Phase.OVER:
        return None
    if not await in_pool(project, viewer.organisation_code):
        return None
    schedule = bidding.schedule
    running = schedule.phase(now) is Phase.OPEN
    text = N_("Live bidding for {project} is running.") if running else N_("Live bidding for {project} starts soon.")
    since = schedule.starts_at if running else project.frozen_at or now
    due_at = schedule.ends_at if running else schedule.starts_at
    return Waiting(Message(text, {"project": project.title}), bidding.url, since, due_at, number, project.owner_name)
