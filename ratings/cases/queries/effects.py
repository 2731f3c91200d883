"""What a measure touches: credit events, open sign-ups, running contracts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from ratings.cases.queries.cases import CaseView
from ratings.lists import queries as lists
from ratings.lists.rules import RED, ListEntry


async def events_of_case(found: CaseView) -> list[UUID]:
    """The credit events that stand or fall with a case: the one it came from, and those its decision booked."""
    rows = await fetch(
        "SELECT e.id FROM credit_event e WHERE (e.id = $1 OR e.evidence_id = $2) AND e.cancels IS NULL"
        " AND NOT credit_event_taken_back(e.id) ORDER BY e.recorded_at, e.id",
        found.event_id, found.decision_entry_id,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def red_place_lost(found: CaseView) -> ListEntry | None:
    """The place on the red list that the firm lost by the decision, or by the event that the case came from."""
    row = await fetch_one(
        "SELECT l.id FROM list_entry l WHERE l.list = $1 AND l.organisation_id = $2 AND (l.removed_at = $3 OR l.removed_at ="
        " (SELECT recorded_at FROM credit_event WHERE id = $4)) ORDER BY l.removed_at DESC LIMIT 1",
        RED, found.organisation_id, found.decided_at, found.event_id,
    )  # fmt: skip
    return await lists.entry(row["id"]) if row else None


async def deductions_of(organisation_id: UUID, since: datetime) -> list[dict[str, Any]]:
    """Deductions that hold and have no case yet: id, kind, points, occurred_at, evidence_id, evidence_no, project_number."""
    return await fetch(
        "SELECT e.id, e.kind, e.points, e.occurred_at, e.evidence_id, r.written AS evidence_no, e.project_number"
        " FROM credit_event e JOIN register_entry r ON r.id = e.evidence_id WHERE e.organisation_id = $1 AND e.points < 0"
        " AND e.occurred_at > $2 AND NOT credit_event_taken_back(e.id)"
        " AND NOT EXISTS (SELECT FROM conduct_case c WHERE c.event_id = e.id OR c.decision_entry_id = e.evidence_id)"
        " ORDER BY e.occurred_at DESC, e.id",
        organisation_id, since,
    )  # fmt: skip


async def open_sign_ups(organisation_id: UUID) -> list[dict[str, Any]]:
    """Projects for which the firm is signed up and whose pool is not frozen: number, title."""
    return await fetch(
        "SELECT p.number, p.title FROM sign_up s JOIN project p ON p.id = s.project_id WHERE s.agency_id = $1"
        " AND s.withdrawn_at IS NULL AND p.stage = 'sign_up' ORDER BY p.number", organisation_id,
    )  # fmt: skip


async def running_owners(organisation_id: UUID) -> list[dict[str, Any]]:
    """Whose projects the firm has won and not finished: owner_id, number, title, stage."""
    return await fetch(
        "SELECT owner_id, number, title, stage FROM project WHERE winner_id = $1"
        " AND stage IN ('result_notice', 'contracting', 'fulfilment') ORDER BY number", organisation_id,
    )  # fmt: skip


async def bar_of(organisation_id: UUID, now: datetime) -> dict[str, Any] | None:
    """The measure that keeps a firm from taking new work: number of its case, kind, until_at."""
    return await fetch_one(
        "SELECT c.number, m.kind, m.until_at FROM case_measure m JOIN conduct_case c ON c.id = m.case_id"
        " WHERE m.organisation_id = $1 AND m.ended_at IS NULL AND m.until_at > $2 ORDER BY m.until_at DESC LIMIT 1",
        organisation_id, now,
    )  # fmt: skip
