"""What the acts on a contract share: its locks, its parties, and how both are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import (
    fetch_one,
    require_transaction,
)
from market.kernel.errors import NotFound
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.contracts.queries import (
    CONTRACT_SQL,
    ContractView,
    contract_by_number,
    contract_view,
)
from projects.contracts.rules import Side
from projects.rules import Stage


async def lock_as_party(number: str, viewer: Viewer) -> tuple[ContractView, Side]:
    """Project first, contract second: the same order everywhere."""
    contract = await contract_by_number(number)
    side = contract.side_of(viewer.organisation_id)
    if side is None:
        raise NotFound
    await lock_project(contract.project_id)
    return await lock_contract(contract.id), side


async def lock_contract(contract_id: UUID) -> ContractView:
    require_transaction()
    row = await fetch_one(f"{CONTRACT_SQL} WHERE c.id = $1 FOR NO KEY UPDATE OF c", contract_id)
    if row is None:
        raise NotFound
    return contract_view(row)


async def lock_due_project(project_id: UUID, stage: Stage) -> bool:
    """Takes the project for a sweep; another worker's, or one that somebody is acting on right now, is left alone."""
    row = await fetch_one(
        "SELECT id FROM project WHERE id = $1 AND stage = $2 FOR NO KEY UPDATE SKIP LOCKED", project_id, str(stage)
    )
    return row is not None


def parties_of(contract: ContractView) -> dict[str, Any]:
    return {"contract": contract.number, "agency": contract.agency_code, "owner": contract.owner_code}


async def tell_both(contract: ContractView, text: str, cause: str, *, now: datetime) -> None:
    for side in Side:
        await tell(
            contract.organisation_of(side), text, link=contract.url, cause=f"{cause}:{contract.number}",
            facts={"project": contract.title}, now=now,
        )  # fmt: skip
