"""Reading the requests to end a contract in force."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from market.kernel.db import fetch
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.contracts.queries import ContractView, contract_by_id
from projects.contracts.rules import Side
from projects.fulfilment.queries import Fulfilment

CAUSES: Final = {
    "agreement": N_("By agreement"), "force-majeure": N_("Force majeure"), "breach": N_("The other side does not perform"),
}  # fmt: skip


@dataclass(frozen=True)
class Termination:
    id: UUID
    contract_id: UUID
    no: int
    cause: str
    reason: str
    settlement_fen: int
    side: Side
    asked_at: datetime
    answer_due_at: datetime
    answer: str | None
    answered_at: datetime | None
    answer_reason: str


async def terminations_of(contract_id: UUID) -> list[Termination]:
    """The latest first."""
    columns = ", ".join(one.name for one in fields(Termination))
    rows = await fetch(
        f"SELECT {columns} FROM contract_termination WHERE contract_id = $1 ORDER BY no DESC", contract_id
    )
    return [Termination(**{**row, "side": Side(row["side"])}) for row in rows]


def open_price(fulfilment: Fulfilment) -> Money:
    """What the milestones come to that were not accepted: the most that can be settled."""
    return Money(sum(one.price_fen for one in fulfilment.milestones if one.accepted_at is None))


async def waiting_for(organisation_id: UUID) -> list[tuple[ContractView, Termination]]:
    """Requests of the other side that this organisation has to answer."""
    rows = await fetch(
        "SELECT c.id FROM contract c JOIN contract_termination t ON t.contract_id = c.id AND t.answer IS NULL"
        " JOIN project p ON p.id = c.project_id AND p.stage = 'fulfilment'"
        " WHERE (t.side = 'owner' AND c.agency_id = $1) OR (t.side = 'agency' AND c.owner_id = $1) ORDER BY t.answer_due_at",
        organisation_id,
    )
    return [(await contract_by_id(row["id"]), (await terminations_of(row["id"]))[0]) for row in rows]


async def due_terminations(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, request) whose time to be answered is over."""
    rows = await fetch(
        "SELECT c.project_id, t.id FROM contract_termination t JOIN contract c ON c.id = t.contract_id"
        " WHERE t.answer IS NULL AND t.answer_due_at <= $1 ORDER BY t.answer_due_at LIMIT 100",
        now,
    )
    return [(row["project_id"], row["id"]) for row in rows]
