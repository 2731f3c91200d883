"""Reading which contracts have to be filed, and which were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from projects.contracts.queries import CONTRACT_SQL, ContractView, contract_view


@dataclass(frozen=True)
class Filing:
    due_at: datetime
    authority: str
    reference: str
    filed_on: date | None
    recorded_at: datetime | None


async def filing_of(contract_id: UUID) -> Filing | None:
    """None where nothing has to be filed."""
    row = await fetch_one(
        "SELECT due_at, authority, reference, filed_on, recorded_at FROM contract_filing WHERE contract_id = $1",
        contract_id,
    )
    return Filing(**row) if row else None


async def to_file(organisation_id: UUID) -> list[tuple[ContractView, Filing]]:
    """Contracts of this owner that wait to be filed, the most urgent first."""
    rows = await fetch(
        f"{CONTRACT_SQL} JOIN contract_filing f ON f.contract_id = c.id AND f.recorded_at IS NULL"
        " WHERE c.owner_id = $1 AND c.ended IS NULL ORDER BY f.due_at",
        organisation_id,
    )
    found = [(contract_view(row), await filing_of(row["id"])) for row in rows]
    return [(contract, filing) for contract, filing in found if filing is not None]
