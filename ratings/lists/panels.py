"""The lists on an agency's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.accounts.queries import OrganisationView, organisation_by_code
from market.oversight.rules import in_scope
from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from ratings.lists.export import LIST_NAMES, STATES
from ratings.lists.queries import entries_of
from ratings.lists.rules import RED


@panel("agency", order=50)
async def agency_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Entries on the lists; nothing where there never was one. Past ones of the restricted list are for the agency itself
    and for those who supervise it: what was annulled, repaired or served is not held up to everybody."""
    agency = await organisation_by_code(key)
    entries = await entries_of(agency.id) if agency else []
    if agency and not (viewer.organisation_id == agency.id or viewer.is_operator or _near(viewer, agency)):
        entries = [entry for entry in entries if entry.list == RED or entry.stands(now)]
    if not entries:
        return None
    rows = [(entry, entry.state(now)) for entry in entries]
    return Panel("ratings/_entries.html", {"rows": rows, "list_names": LIST_NAMES, "states": STATES}, "aside")


def _near(viewer: Viewer, agency: OrganisationView) -> bool:
    """Whether its seat lies in a region of this regulator."""
    return viewer.is_regulator and in_scope(viewer.scopes, regions=(agency.region_code,))
