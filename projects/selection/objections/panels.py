"""Objections on work benches."""

from __future__ import annotations

from datetime import datetime

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from projects.selection.objections import queries


@waiting("projects.selection.objections")
async def to_answer(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The operator answers objections."""
    if not viewer.is_operator:
        return []
    return [
        Waiting(
            Message(N_("Answer the objection to the result of {project}."), {"project": one.project_title}),
            f"{one.url}/answer", one.raised_at, one.answer_due_at, one.project_number, one.raised_by_name,
        )
        for one in await queries.unanswered() if not one.awaits_statement(now)
    ]  # fmt: skip


@waiting("projects.selection.statements")
async def to_state(viewer: Viewer, now: datetime) -> list[Waiting]:
    """The owner may state its view before the operator answers."""
    if not viewer.is_owner:
        return []
    return [
        Waiting(
            Message(N_("You may state your view on the objection to the result of {project}."), {"project": one.project_title}),
            f"{one.url}/statement", one.raised_at, one.statement_due_at, one.project_number, one.raised_by_name,
        )
        for one in await queries.to_state(viewer.organisation_id, now)
    ]  # fmt: skip
