"""Whoever is on turn is told in time, and both sides and the regulators when the time is over: once for each limit.

What was told stands in the inbox under its cause, so nothing else has to remember it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.calendar import Calendar
from market.kernel.db import fetch, transaction
from market.kernel.i18n import N_
from projects.contracts.queries import ContractView, contract_by_id
from projects.contracts.rules import Side
from projects.oversight import regulators_of

# Contracts that wait for a delivery, with the limit that runs. A clock that stands has none.
_DELIVERIES = """
SELECT c.id, p.due_at FROM contract c JOIN project p ON p.id = c.project_id AND p.stage = 'fulfilment'
WHERE c.in_force_at IS NOT NULL AND c.ended IS NULL AND p.due_at <= $1
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.contract_id = c.id AND d.decision IS NULL)
  AND NOT EXISTS (SELECT 1 FROM inbox_message i WHERE i.organisation_id = c.agency_id
                  AND i.cause = $2 || c.number || ':' || extract(epoch FROM p.due_at)::bigint)
ORDER BY p.due_at LIMIT 100
"""
_REQUESTS = """
SELECT k.contract_id AS id, k.no, k.side, k.answer_due_at AS due_at FROM clock_change k JOIN contract c ON c.id = k.contract_id
WHERE k.answer IS NULL AND k.answer_due_at <= $1 AND k.answer_due_at > $2
  AND NOT EXISTS (SELECT 1 FROM inbox_message i
                  WHERE i.organisation_id = CASE k.side WHEN 'owner' THEN c.agency_id ELSE c.owner_id END
                  AND i.cause = 'clock.due:' || k.no || ':' || c.number)
ORDER BY k.answer_due_at LIMIT 100
"""
_SOON, _OVER = "delivery.due:", "delivery.overdue:"


async def nudge(now: datetime, *, days: int, calendar: Calendar) -> int:
    """Tells of what is due within so many working days, and of deliveries that are overdue; returns how many."""
    soon = calendar.add_working_days(now, days)
    over = await fetch(_DELIVERIES, now, _OVER)
    due = [row for row in await fetch(_DELIVERIES, soon, _SOON) if row["due_at"] > now]
    requests = await fetch(_REQUESTS, soon, now)
    for row in due:
        await _tell_due(await contract_by_id(row["id"]), row["due_at"], now=now)
    for row in over:
        await _tell_over(await contract_by_id(row["id"]), row["due_at"], now=now)
    for row in requests:
        await _tell_request(await contract_by_id(row["id"]), row, now=now)
    return len(due) + len(over) + len(requests)


async def _tell_due(contract: ContractView, due_at: datetime, *, now: datetime) -> None:
    text = N_(
        "The delivery for {project} is due soon. If the cause of a delay is not yours, ask to stop the clock now."
    )
    await _tell([contract.agency_id], text, contract, _cause(_SOON, contract, due_at), now=now)


async def _tell_over(contract: ContractView, due_at: datetime, *, now: datetime) -> None:
    watching = await regulators_of(contract)
    text = N_("The delivery of {agency} for {project} is overdue.")
    told = [contract.agency_id, contract.owner_id, *watching]
    await _tell(told, text, contract, _cause(_OVER, contract, due_at), now=now)


async def _tell_request(contract: ContractView, row: dict[str, Any], *, now: datetime) -> None:
    text = N_("The request about the time of {project} waits for your answer; without one nothing changes.")
    answering = contract.organisation_of(Side(row["side"]).other)
    await _tell([answering], text, contract, f"clock.due:{row['no']}:{contract.number}", now=now, page="/clock")


def _cause(kind: str, contract: ContractView, due_at: datetime) -> str:
    return f"{kind}{contract.number}:{int(due_at.timestamp())}"


async def _tell(
    organisations: Sequence[UUID], text: str, contract: ContractView, cause: str, *, now: datetime, page: str = "#fulfilment"
) -> None:  # fmt: skip
    async with transaction():
        for organisation_id in organisations:
            await tell(organisation_id, text, link=f"{contract.project_url}{page}", cause=cause, now=now,
                       facts={"project": contract.title, "agency": contract.agency_name})  # fmt: skip
