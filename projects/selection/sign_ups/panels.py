"""Taking part, on the project page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.beacon.source import Beacon
from market.web.context import running
from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.bids import queries as bid_queries
from projects.selection.bids.queries import BidView
from projects.selection.bids.rules import Bidding, bidding_of
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind
from projects.selection.rounds.queries import open_round
from projects.selection.rounds.story import round_public_at
from projects.selection.sign_ups import queries
from projects.selection.sign_ups.rules import ABANDONABLE
from projects.selection.sign_ups.showing import check_items, sign_up_facts
from projects.selection.sign_ups.way_in import WAYS_IN

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
    current = await open_round(project.id)
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
