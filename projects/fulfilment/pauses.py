"""The owner's time to answer a delivery stands still while its milestone is disputed: nobody is reminded, and silence
accepts nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, require_transaction
from market.kernel.ids import new_id
from projects.contracts.queries import ContractView
from projects.fulfilment.actions import set_due
from projects.fulfilment.clock import rules as clock
from projects.fulfilment.queries import fulfilment_in
from projects.fulfilment.rules import Turn


async def pause_acceptance(contract: ContractView, milestone_id: UUID, *, reference: str, now: datetime) -> UUID:
    """In the caller's transaction, with the project locked. `reference`: what it stands still for."""
    require_transaction()
    pause_id = new_id()
    await execute(
        "INSERT INTO acceptance_pause (id, milestone_id, reference, since) VALUES ($1, $2, $3, $4)",
        pause_id, milestone_id, reference, now,
    )  # fmt: skip
    fulfilment = await fulfilment_in(contract)
    if fulfilment.milestone.id == milestone_id and fulfilment.turn is Turn.ANSWER:
        await set_due(contract, None)
    return pause_id


async def resume_acceptance(contract: ContractView, pause_id: UUID, *, calendar: Calendar, now: datetime) -> None:
    """The working days that were left are left again, at least one; what was to be reminded of moves with them."""
    row = await fetch_one(
        "UPDATE acceptance_pause SET until = $2 WHERE id = $1 AND until IS NULL RETURNING milestone_id, since",
        pause_id,
        now,
    )
    if row is None:
        return
    fulfilment = await fulfilment_in(contract)
    last = fulfilment.last
    if fulfilment.milestone.id != row["milestone_id"] or fulfilment.turn is not Turn.ANSWER or last is None:
        return
    since = max(row["since"], last.delivered_at)
    due_at = clock.limit_after_stop(last.answer_due_at, since, now, calendar=calendar)
    remind_at = last.remind_at
    if remind_at is not None:
        remind_at = min(clock.limit_after_stop(remind_at, since, now, calendar=calendar), due_at)
    await execute("UPDATE delivery SET answer_due_at = $2, remind_at = $3 WHERE id = $1", last.id, due_at, remind_at)
    await set_due(contract, due_at)
