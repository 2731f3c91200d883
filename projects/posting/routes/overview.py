"""An owner's own projects and drafts, and what waits for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from market.catalogue import queries as catalogue_queries
from market.kernel.errors import Message
from market.kernel.i18n import N_, speaking
from market.web.agendas import Event, agenda
from market.web.context import arrived_at
from market.web.pages import locale_of, render
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer, require_viewer
from projects.posting import queries
from projects.posting.views.draft import draft_lines, grouped_by_stage

AnyRequest = Request[Any, Any, Any]


@get("/owner/projects")
async def own_projects(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "owner")
    assert viewer.organisation_id is not None
    rows = await queries.owner_projects(viewer.organisation_id)
    drafts = await queries.drafts_of(viewer.organisation_id)
    with speaking(locale_of(request)):
        groups = grouped_by_stage(rows)
    return render(request, "projects/own.html", groups=groups, total=len(rows), drafts=len(drafts))


@get("/owner/drafts")
async def own_drafts(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "owner")
    assert viewer.organisation_id is not None
    catalogue = await catalogue_queries.catalogue_at(arrived_at(request))
    drafts = await queries.drafts_of(viewer.organisation_id)
    with speaking(locale_of(request)):
        lines = draft_lines(drafts, catalogue)
    return render(request, "projects/drafts.html", drafts=lines)


@waiting("projects.posting")
async def to_post(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Owners finish their drafts and post failed jobs again."""
    if not viewer.is_owner or viewer.organisation_id is None:
        return []
    drafts = await queries.drafts_of(viewer.organisation_id)
    failed = await queries.failed_to_repost(viewer.organisation_id)
    return [_unfinished(draft) for draft in drafts] + [
        Waiting(Message(N_("{project} failed: post it again with other terms, or leave it."), {"project": row["title"]}),
                f"/projects/{row['number']}", row["failed_at"], None, row["number"])
        for row in failed
    ]  # fmt: skip


@waiting("projects.posting.invitations")
async def to_answer(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Agencies take up invitations, or leave them."""
    if not viewer.is_agency or viewer.organisation_id is None:
        return []
    return [
        Waiting(Message(N_("You are invited to take part in {project}."), {"project": row["title"]}), f"/projects/{row['number']}",
                row["published_at"], row["sign_up_closes_at"], row["number"])
        for row in await queries.open_invitations(viewer.organisation_id, now)
    ]  # fmt: skip


@agenda("projects.posting.invitations")
async def invitation_events(organisation_id: UUID, now: datetime) -> list[Event]:
    return [
        Event(
            f"{row['number']}-invited", Message(N_("Sign-up by invitation closes: {project}"), {"project": row["title"]}),
            row["published_at"], row["sign_up_closes_at"], f"/projects/{row['number']}", row["number"], own=True,
        )
        for row in await queries.open_invitations(organisation_id, now)
    ]  # fmt: skip


def _unfinished(draft: queries.Draft) -> Waiting:
    title = draft.title or Message(N_("a notice without a name"))
    return Waiting(
        Message(N_("Finish and publish the draft: {title}"), {"title": title}), draft.url, draft.updated_at, None
    )


routes: list[Any] = [own_projects, own_drafts]
