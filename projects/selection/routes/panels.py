"""The parts that selection adds to the project page and to work benches."""

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
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection import queries
from projects.selection.bids import queries as bid_queries
from projects.selection.bids.queries import BidView
from projects.selection.bids.rules import Bidding, bidding_of
from projects.selection.methods import METHODS, by_lot
from projects.selection.methods.method import EntryKind
from projects.selection.routes.access import may_object
from projects.selection.routes.views import check_items, round_public_at, sign_up_facts
from projects.selection.rules import ABANDONABLE
from projects.selection.way_in import WAYS_IN

AnyRequest = Request[Any, Any, Any]


@panel("project", order=30)
async def sign_up_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """While agencies may enter: how many, until when, and for an agency whether it may."""
    project = await project_by_number(key)
    if METHODS[project.method].entry is EntryKind.NONE:
        return None
    mine = await queries.sign_up_of(project.id, viewer.organisation_id) if viewer.is_agency else None
    if project.stage is not Stage.SIGN_UP and mine is None:
        return None
    current = await queries.open_round(project.id)
    beacon: Beacon = running(request).beacon
    return Panel("selection/_sign_up.html", {
        "project": project, "mine": mine, "way": WAYS_IN[project.method], "count": await bid_queries.shown_count(project), "lines": check_items,
        "bidding": str(bidding_of(project.method)), "bid": await _own_bid(project, viewer, mine),
        "round": current, "public_at": round_public_at(current, beacon.chain) if current else None,
        "demonstration": beacon.demonstration, "may_sign": viewer.has_role("handler"),
        "facts": await _facts(project, viewer, mine, now),
        "named": METHODS[project.method].alone,
        "abandonable": project.stage in ABANDONABLE and project.winner_id != viewer.organisation_id,
    })  # fmt: skip


async def _own_bid(project: ProjectView, viewer: Viewer, mine: Any) -> BidView | None:
    """The last bid of the viewer's own agency, standing or not."""
    if mine is None or bidding_of(project.method) is Bidding.NONE:
        return None
    bids = await bid_queries.bids_of(project.id, viewer.organisation_id)
    return bids[0] if bids else None


async def _facts(project: ProjectView, viewer: Viewer, mine: Any, now: datetime) -> Any:
    """Eligibility, for an agency that could still sign up."""
    signed_up = mine is not None and mine.withdrawn_at is None
    if not viewer.is_agency or signed_up or project.stage is not Stage.SIGN_UP or now >= project.sign_up_closes_at:
        return None
    return await sign_up_facts(project, viewer, now)


@panel("project", order=40)
async def draw_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """From the frozen pool on: what is waited for, who was selected, how to check it, what was objected to."""
    project = await project_by_number(key)
    rounds = await queries.rounds_of(project.id)
    frozen = [one for one in rounds if one.frozen_at is not None]
    if not frozen:
        return None
    beacon: Beacon = running(request).beacon
    template = "selection/_draw.html" if project.method == by_lot.CODE else "selection/_selected.html"
    return Panel(template, {
        "project": project, "round": frozen[-1], "rounds": frozen, "objections": await queries.objections_of(project.id),
        "method": METHODS[project.method],
        "public_at": round_public_at(frozen[-1], beacon.chain), "demonstration": beacon.demonstration,
        "may_object": await may_object(viewer, project, now), "viewer_is_operator": viewer.is_operator,
    })  # fmt: skip


@waiting("projects.selection.objections")
async def to_answer(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The operator answers objections."""
    if not viewer.is_operator:
        return []
    return [
        Waiting(
            Message(N_("Answer the objection to the result of {project}."), {"project": one.project_title}),
            f"{one.url}/answer", one.raised_at, one.answer_due_at, one.project_number, one.raised_by_name,
        )
        for one in await queries.unanswered() if not one.awaits_statement(now)
    ]  # fmt: skip


@waiting("projects.selection.statements")
async def to_state(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The owner may state its view before the operator answers."""
    if not viewer.is_owner:
        return []
    return [
        Waiting(
            Message(N_("You may state your view on the objection to the result of {project}."), {"project": one.project_title}),
            f"{one.url}/statement", one.raised_at, one.statement_due_at, one.project_number, one.raised_by_name,
        )
        for one in await queries.to_state(viewer.organisation_id, now)
    ]  # fmt: skip


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
