"""Ratings on the project page, on the agency's page and on work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from market.accounts.queries import organisation_by_code
from market.catalogue.queries import rulebook, rulebook_in_force
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.agendas import Event, agenda
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.queries import project_by_number
from ratings.evaluations import queries
from ratings.evaluations.rules import NAMES, STARS, SUPERVISORS
from ratings.periods import add_months

AnyRequest = Request[Any, Any, Any]
SHOWN = 3


@panel("project", order=80)
async def project_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Hidden ratings stay hidden; nothing before the work was accepted."""
    project = await project_by_number(key)
    window = await queries.window_of(project.id)
    if window is None:
        return None
    ratings = await queries.ratings_of_project(project.id)
    side = queries.side_of(viewer, project) or await queries.supervising_side(viewer, project)
    book = await rulebook(project.rulebook_version)
    return Panel("ratings/_project.html", {
        "project": project,
        "window": window,
        "open": now < window.due_at and (window.revealed_at is None or side in SUPERVISORS),
        "side": side,
        "ratings": queries.visible(ratings, side),
        "together": queries.together(ratings, book),
        "shares": queries.shares_of(book),
        "hidden_from_public": "agency" in ratings and ratings["agency"].revealed_at is not None,
        "may_rate": side is not None and side not in window.rated and viewer.has_role("handler"),
        "may_strike": side in SUPERVISORS and viewer.has_role("signatory"),
        "stars_max": book.integer("rating.stars_max"),
        "owner_summary": await queries.owner_summary(project.owner_id, book),
        "names": NAMES,
    })  # fmt: skip


@panel("owner", order=30)
async def owner_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """What agencies said of an owner, in aggregate, and how many of the ratings that it owed it gave."""
    owner = await organisation_by_code(key)
    if owner is None:
        return None
    book = await rulebook_in_force(owner.region_code, now)
    months = book.months("owner.window_months")
    given, owed = await queries.completeness_of(owner.id, add_months(now, -months))
    summary = await queries.owner_summary(owner.id, book)
    if not owed and summary is None:
        return None
    return Panel("ratings/_owner.html", {
        "given": given, "owed": owed, "months": months, "summary": summary, "stars_max": book.integer("rating.stars_max"),
        "least": book.integer("rating.owner_min_shown"),
    })  # fmt: skip


@panel("agency", order=40)
async def agency_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """What owners and those who supervise said, in figures that say how much they are worth, and the newest ratings."""
    agency = await organisation_by_code(key)
    if agency is None or agency.kind != "agency":
        return None
    book = await rulebook_in_force(agency.region_code, now)
    return Panel("ratings/_agency.html", {
        "summary": await queries.agency_summary(agency.id, book),
        "newest": await queries.newest_of_agency(agency.id, limit=SHOWN),
        "stars_max": book.integer("rating.stars_max"),
        "stars": STARS,
        "names": NAMES,
    })  # fmt: skip


@waiting("ratings.rate")
async def to_rate(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    return [
        Waiting(
            text=Message(N_("Rate your partner in {project}"), {"project": row["title"]}),
            link=f"/projects/{row['number']}/rating", since=row["opened_at"], due_at=row["due_at"], number=row["number"],
            who=row["agency_name"] if row["side"] == "owner" else row["owner_name"],
        )
        for row in await queries.waiting_projects(viewer.organisation_id)
    ]  # fmt: skip


@agenda("ratings.rate")
async def rating_events(organisation_id: UUID, now: datetime) -> list[Event]:
    return [
        Event(
            f"{row['number']}-rate", Message(N_("Rating due: {project}"), {"project": row["title"]}), row["opened_at"],
            row["due_at"], f"/projects/{row['number']}/rating", row["number"], own=True,
        )
        for row in await queries.waiting_projects(organisation_id)
    ]  # fmt: skip


@waiting("ratings.reply")
async def to_reply(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    return [
        Waiting(
            text=Message(N_("You may reply to the low rating for {project}"), {"project": rating.project_title}),
            link=f"/ratings/{rating.id}/reply", since=rating.revealed_at or rating.rated_at, due_at=rating.reply_due_at,
            number=rating.project_number, who=rating.rater_name,
        )
        for rating in await queries.waiting_replies(viewer.organisation_id, now)
    ]  # fmt: skip
