"""Reading the searches that a person saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch
from market.web.viewer import Viewer


@dataclass(frozen=True)
class SavedSearch:
    """`told`: how many things were told of so far."""

    id: UUID
    name: str
    asked: str
    created_at: datetime
    told: int


async def access_saved(viewer: Viewer) -> list[SavedSearch]:
    """The viewer's own, for the organisation it acts for."""
    rows = await fetch(
        "SELECT s.id, s.name, s.asked, s.created_at, (SELECT count(*) FROM saved_search_hit h WHERE h.search_id = s.id) AS told"
        " FROM saved_search s WHERE s.person_id = $1 AND s.organisation_id = $2 ORDER BY s.created_at DESC, s.id",
        viewer.person_id, viewer.organisation_id,
    )  # fmt: skip
    return [SavedSearch(**row) for row in rows]
