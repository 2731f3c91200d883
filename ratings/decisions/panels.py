"""What waits for those who supervise."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.queries import rulebook_in_force
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from ratings.decisions import queries

NATION = "100000"


@waiting("ratings.lists")
async def to_decide(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Agencies that may be put on the red list, and how many may not sign up now."""
    if not (viewer.is_regulator or viewer.is_operator):
        return []
    candidates = await queries.red_candidates(viewer, await rulebook_in_force(NATION, now), now)
    found = [
        Waiting(text=Message(N_("Red list: {agency} meets the conditions"), {"agency": one.name}),
                link=f"/regulator/lists/red/{one.code}", since=now, due_at=None)
        for one in candidates
    ]  # fmt: skip
    paused = await queries.paused(viewer, now)
    if paused:
        text = Message(N_("{count} agencies are paused from signing up: consider a talk"), {"count": len(paused)})
        found.append(Waiting(text=text, link="/regulator/lists#paused", since=now, due_at=None))
    return found
