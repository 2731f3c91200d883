"""Disputes for which something happens by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from market.kernel.db import fetch
from projects.disputes.queries.disputes import OPEN, UNFINISHED


async def due_answers(now: datetime) -> list[UUID]:
    """Disputes whose time for an answer is over."""
    return await _ids(f"{OPEN} AND d.mediation_since IS NULL AND d.answer_due_at <= $1", now)


async def due_proposals(now: datetime) -> list[UUID]:
    rows = await fetch(
        "SELECT dispute_id FROM dispute_proposal WHERE ended IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 100", now
    )
    return [row["dispute_id"] for row in rows]


async def due_mediations(now: datetime) -> list[UUID]:
    return await _ids(
        f"{OPEN} AND d.referred_at IS NULL AND d.mediation_due_at <= $1 AND NOT EXISTS (SELECT 1 FROM dispute_proposal q"
        " WHERE q.dispute_id = d.id AND q.ended IS NULL AND q.proposer = 'operator')", now,
    )  # fmt: skip


async def due_looks(now: datetime) -> list[UUID]:
    """Decided disputes whose execution is to be looked at."""
    return await _ids("d.look_at <= $1", now)


async def held_for_long(now: datetime, guard: timedelta) -> list[tuple[UUID, str]]:
    """(dispute, its number) still open while Alipay has held the money so long that it will release it by itself."""
    rows = await fetch(
        f"SELECT d.id, d.number FROM dispute d JOIN payment t ON t.payable_id = d.payable_id AND t.state = 'held'"
        f" WHERE {UNFINISHED} AND t.paid_at <= $1 AND NOT EXISTS (SELECT 1 FROM payment_alarm a"
        " WHERE a.kind = 'disputed_for_long' AND a.about = d.number) LIMIT 50",
        now - guard,
    )
    return [(row["id"], row["number"]) for row in rows]


async def overtaken(contract_number: str) -> list[UUID]:
    """Open disputes on milestones of this contract that were not accepted when it ended."""
    rows = await fetch(
        f"SELECT d.id FROM dispute d JOIN contract c ON c.id = d.contract_id JOIN contract_milestone m ON m.id = d.milestone_id"
        f" WHERE {OPEN} AND c.number = $1 AND m.accepted_at IS NULL",
        contract_number,
    )
    return [row["id"] for row in rows]


async def _ids(condition: str, now: datetime) -> list[UUID]:
    rows = await fetch(f"SELECT d.id FROM dispute d WHERE {condition} ORDER BY d.opened_at LIMIT 100", now)
    return [row["id"] for row in rows]
