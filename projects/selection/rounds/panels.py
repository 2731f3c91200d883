"""The selection on the project page, and its result on work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.beacon.source import Beacon
from market.kernel.db import fetch
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.queries import bars_on_winner, project_by_number
from projects.rules import Stage
from projects.selection.methods import METHODS, by_lot
from projects.selection.objections.queries import may_object, objections_of
from projects.selection.rounds import queries
from projects.selection.rounds.story import round_public_at

AnyRequest = Request[Any, Any, Any]


@panel("project", order=40)
async def draw_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """From the frozen pool on: what is waited for, who was selected, how to check it, what was objected to."""
    project = await project_by_number(key)
    rounds = await queries.rounds_of(project.id)
    frozen = [one for one in rounds if one.frozen_at is not None]
    if not frozen:
        return None
    beacon: Beacon = running(request).beacon
    under_notice = project.stage is Stage.RESULT_NOTICE
    template = "selection/_draw.html" if project.method == by_lot.CODE else "selection/_selected.html"
    return Panel(template, {
        "project": project, "round": frozen[-1], "rounds": frozen, "objections": await objections_of(project.id),
        "method": METHODS[project.method],
        "public_at": round_public_at(frozen[-1], beacon.chain), "demonstration": beacon.demonstration,
        "may_object": await may_object(viewer, project, now), "viewer_is_operator": viewer.is_operator,
        "bars": [one.message for one in await bars_on_winner(project, now)] if under_notice else [],
    })  # fmt: skip


@waiting("projects.selection.results")
async def under_notice(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Owner and winner know that the notice runs, and until when."""
    if not (viewer.is_owner or viewer.is_agency):
        return []
    rows = await fetch(
        "SELECT p.number, p.title, p.drawn_at, p.result_notice_ends_at, o.name AS owner, w.name AS winner FROM project p"
        " JOIN organisation o ON o.id = p.owner_id JOIN organisation w ON w.id = p.winner_id"
        " WHERE p.stage = $1 AND CASE WHEN $3 THEN p.owner_id ELSE p.winner_id END = $2"
        " ORDER BY p.result_notice_ends_at",
        str(Stage.RESULT_NOTICE), viewer.organisation_id, viewer.is_owner,
    )  # fmt: skip
    return [_notice(row, won=viewer.is_agency) for row in rows]


def _notice(row: dict[str, Any], *, won: bool) -> Waiting:
    text = N_("You won {project}: the result is under public notice.") if won else N_(
        "The result of {project} is under public notice: {winner} was selected.")  # fmt: skip
    return Waiting(
        Message(text, {"project": row["title"], "winner": row["winner"]}), f"/projects/{row['number']}", row["drawn_at"],
        row["result_notice_ends_at"], row["number"], row["owner"] if won else row["winner"],
    )  # fmt: skip
