"""Who sees which button. The actions decide again; this only keeps pages from offering what would be refused."""

from __future__ import annotations

from datetime import datetime

from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection import queries


async def may_object(viewer: Viewer, project: ProjectView, now: datetime) -> bool:
    """The owner and every agency that had signed up, during the notice of the result."""
    ends_at = project.result_notice_ends_at
    if project.stage is not Stage.RESULT_NOTICE or ends_at is None or now >= ends_at or not viewer.has_role("handler"):
        return False
    return await is_party(viewer, project)


async def is_party(viewer: Viewer, project: ProjectView) -> bool:
    if viewer.organisation_id is None:
        return False
    return viewer.organisation_id == project.owner_id or (
        viewer.is_agency and await queries.took_part(project.id, viewer.organisation_id)
    )
