"""The part of the project page that tells of complaints, and what waits on work benches for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.catalogue.queries import rulebook
from market.kernel.calendar import Calendar
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.complaints import queries
from projects.complaints.queries import ComplaintView
from projects.complaints.rules import State
from projects.contracts.queries import LitStep, lit
from projects.contracts.rules import Step
from projects.oversight import watches
from projects.queries import project_by_number

AnyRequest = Request[Any, Any, Any]


@panel("project", order=45)
async def complaints_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """That there is a complaint, where it stands and how it ended; nothing of what it says."""
    project = await project_by_number(key)
    found = await queries.complaints_of(project.id)
    if not found:
        return None
    readable = {one.id for one in found if await _may_read(viewer, one)}
    lamps = {one.id: await lamp_of(one, now, running(request).calendar) for one in found}
    book = await rulebook(project.rulebook_version)
    return Panel("complaints/_panel.html", {"complaints": found, "readable": readable, "lamps": lamps, "book": book})


async def _may_read(viewer: Viewer, found: ComplaintView) -> bool:
    return viewer.organisation_id in found.parties or viewer.is_operator or await watches(viewer, found)


async def lamp_of(found: ComplaintView, now: datetime, calendar: Calendar) -> LitStep | None:
    """The step that is on turn with its lamp; None once the complaint has ended."""
    if found.due is None:
        return None
    book = await rulebook(found.rulebook_version)
    return lit(Step("complaint", (), *found.due), book, now=now, calendar=calendar)


@waiting("projects.complaints.regulator")
async def to_handle(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The regulator accepts or refuses what came in, and decides what it accepted."""
    if not viewer.is_regulator:
        return []
    return [one for found in await queries.open_for(viewer) for one in _steps(found, viewer)]


def _steps(found: ComplaintView, viewer: Viewer) -> list[Waiting]:
    texts = {
        State.FILED: (N_("Accept or refuse the complaint about {project}."), "/examination", "handler"),
        State.ACCEPTED: (N_("Decide the complaint about {project}."), "/decision", "signatory"),
    }
    if found.state not in texts or found.due is None:
        return []
    text, page, role = texts[found.state]
    link = found.url + page if viewer.has_role(role) else found.url
    return [_waiting(found, text, link, found.complainant_name)]


def _waiting(found: ComplaintView, text: str, link: str, who: str) -> Waiting:
    assert found.due is not None
    since, due_at = found.due
    return Waiting(Message(text, {"project": found.project_title}), link, since, due_at, found.number, who)


@waiting("projects.complaints.complainant")
async def to_correct(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not (viewer.is_owner or viewer.is_agency):
        return []
    text = N_("Correct your complaint about {project}.")
    return [
        _waiting(one, text, f"{one.url}/correction", one.authority_name or "")
        for one in await queries.to_correct(viewer.organisation_id, now)
    ]
