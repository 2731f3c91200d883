"""Asking an expert to score, on a locked panel; and ending a panel for which nobody is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.rules import Rulebook, deadline
from market.kernel.db import execute, fetch_one, require_transaction
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import DEFAULT_LOCALE, N_, speaking
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.kernel.times import load_calendar
from market.register.actions import record
from market.web.display import say
from projects.experts.queries.panels import PANEL_SQL, PanelView, panel_view

# A job of the selection, which lies above; it gets `round_id`.
NO_PANEL_JOB = "selection.no_panel"


async def lock_panel(panel_id: UUID) -> PanelView:
    """Held against other acts on the panel until the transaction ends. Locked after the project, before its members."""
    require_transaction()
    row = await fetch_one(f"{PANEL_SQL} WHERE x.id = $1 FOR NO KEY UPDATE OF x", panel_id)
    if row is None:
        raise NotFound
    return panel_view(row)


async def invite(panel: PanelView, code: str, place: int, rulebook: Rulebook, now: datetime) -> None:
    """Asks the expert who was drawn for this place."""
    expert = await fetch_one("SELECT id, organisation_id FROM expert WHERE code = $1", code)
    assert expert is not None
    member_id, due = new_id(), deadline(rulebook, "expert.answer_days", now, await load_calendar())
    await execute(
        "INSERT INTO panel_member (id, panel_id, expert_id, place, invited_at, answer_due_at, due_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$6)",
        member_id, panel.id, expert["id"], place, now, due,
    )  # fmt: skip
    await tell(
        expert["organisation_id"], N_("You were drawn to score project {number}. Please accept or decline in time."),
        link=f"/expert/panels/{member_id}", cause=f"panel.invited:{member_id}", now=now, facts={"number": panel.project_number},
    )  # fmt: skip


def published_text(reasons: Sequence[Message]) -> str:
    """Published reasons never change, so they are written out once, in Chinese."""
    with speaking(DEFAULT_LOCALE):
        return "；".join(say(reason).rstrip("。") for reason in reasons)


async def fail(panel: PanelView, now: datetime) -> None:
    """A seat is empty and nobody is left who could be drawn for it."""
    await execute("UPDATE expert_panel SET failed_at = $2 WHERE id = $1 AND failed_at IS NULL", panel.id, now)
    await record("panel.failed", subject=panel.project_number, by="market", at=now, data={"round_no": panel.no})
    await defer(NO_PANEL_JOB, round_id=str(panel.round_id))
