"""Reading follow-up calls: which are to be made, what was answered, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound

SHOWN_DONE = 50


@dataclass(frozen=True)
class FollowUpView:
    number: str
    title: str
    owner_name: str
    contact_name: str
    contact_phone: str
    agency_name: str
    drawn_at: datetime
    due_at: datetime
    called_at: datetime | None
    reached: bool | None
    satisfaction: int | None
    at_odds: bool | None
    remarks: str
    rating: int | None

    @property
    def url(self) -> str:
        return f"/operator/follow-up/{self.number}"


_FOLLOW_UP = """
SELECT p.number, p.title, o.name AS owner_name, p.contact_name, p.contact_phone, a.name AS agency_name, f.drawn_at, f.due_at,
       f.called_at, f.reached, f.satisfaction, f.at_odds, f.remarks, r.overall AS rating
FROM follow_up f JOIN project p ON p.id = f.project_id JOIN organisation o ON o.id = p.owner_id
JOIN organisation a ON a.id = p.winner_id
LEFT JOIN rating r ON r.project_id = p.id AND r.side = 'owner' AND r.revealed_at IS NOT NULL
"""


def _views(rows: list[dict[str, Any]]) -> list[FollowUpView]:
    return [FollowUpView(**row) for row in rows]


async def follow_up_of(number: str) -> FollowUpView:
    row = await fetch_one(f"{_FOLLOW_UP} WHERE p.number = $1", number)
    if row is None:
        raise NotFound
    return FollowUpView(**row)


async def to_call() -> list[FollowUpView]:
    return _views(await fetch(f"{_FOLLOW_UP} WHERE f.called_at IS NULL ORDER BY f.due_at, p.number"))


async def called() -> list[FollowUpView]:
    """Newest first."""
    return _views(
        await fetch(f"{_FOLLOW_UP} WHERE f.called_at IS NOT NULL ORDER BY f.called_at DESC LIMIT {SHOWN_DONE}")
    )


async def figures() -> dict[str, Any]:
    """What the public sees: how many were drawn, called, reached, how satisfied they were, how many were at odds."""
    row = await fetch_one(
        "SELECT count(*) AS drawn, count(called_at) AS called, count(*) FILTER (WHERE reached) AS reached,"
        " count(*) FILTER (WHERE at_odds) AS at_odds, count(*) FILTER (WHERE satisfaction >= 4) AS satisfied FROM follow_up"
    )
    return dict(row or {})
