"""Claims on bonds that a regulator has to rule on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market.kernel.db import fetch
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from projects.oversight import WATCHED_PROJECT


@dataclass(frozen=True)
class Claim:
    """`since`: when the agency refused it."""

    contract: str
    title: str
    since: datetime


async def claims_to_rule(viewer: Viewer) -> list[Claim]:
    """In this regulator's scope, refused and not ruled on, the oldest first."""
    rows = await fetch(
        "SELECT k.number AS contract, d.title, c.answered_at AS since FROM bond_claim c JOIN bond_demand d ON d.id = c.demand_id"
        " JOIN contract k ON k.number = d.reference JOIN project p ON p.id = k.project_id"
        f" WHERE c.answer = 'refused' AND c.ruled_at IS NULL AND {WATCHED_PROJECT} ORDER BY c.answered_at LIMIT 200",
        *(await watch_of(viewer)).values,
    )
    return [Claim(**row) for row in rows]
