"""Chance names closed projects, the operator calls their owners, and what they say is recorded once."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.queries import rulebook
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, transaction
from market.kernel.errors import NotFound
from market.register.actions import record
from market.register.queries import Entry
from market.web.viewer import Viewer
from projects.queries import project_by_number
from ratings.follow_up import rules
from ratings.follow_up.rules import Call


async def draw_lot(closing: Entry, *, calendar: Calendar) -> bool:
    """Whether this closed project is to be called; drawn as often as one likes, it is named once."""
    project = await project_by_number(closing.subject)
    book = await rulebook(project.rulebook_version)
    if project.winner_id is None or not rules.is_sampled(closing.sha256, book.share("followup.share")):
        return False
    due_at = deadline(book, "followup.call_days", closing.at, calendar)
    async with transaction():
        named = await execute(
            "INSERT INTO follow_up (project_id, entry_id, drawn_at, due_at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING",
            project.id, closing.id, closing.at, due_at,
        )  # fmt: skip
        if named:
            await record("follow_up.drawn", subject=project.number, by="market", at=closing.at,
                         data={"closed": str(closing.id)})  # fmt: skip
    return bool(named)


async def record_call(number: str, call: Call, *, viewer: Viewer, now: datetime) -> None:
    """Once a project. What was said stays private; how satisfied the owner was is public. Raises NotFound, Refusal."""
    async with transaction():
        row = await fetch_one(
            "SELECT f.project_id, f.called_at FROM follow_up f JOIN project p ON p.id = f.project_id WHERE p.number = $1"
            " FOR UPDATE OF f",
            number,
        )
        if row is None:
            raise NotFound
        rules.check_call(called=row["called_at"] is not None)
        await execute(
            "UPDATE follow_up SET called_by = $2, called_at = $3, reached = $4, satisfaction = $5, at_odds = $6, remarks = $7"
            " WHERE project_id = $1",
            row["project_id"], viewer.person_id, now, call.reached, call.satisfaction, call.at_odds, call.remarks,
        )  # fmt: skip
        await record(
            "follow_up.called", subject=number, by=viewer.organisation_code, at=now,
            data={"reached": call.reached, "satisfaction": call.satisfaction, "at_odds": call.at_odds},
            private={"remarks": call.remarks},
        )  # fmt: skip
