"""Reading what was proposed before a contract was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch, from_json
from projects.contracts.queries import CONTRACT_SQL, ContractView, contract_view
from projects.contracts.terms import Terms


@dataclass(frozen=True)
class VersionView:
    """The terms at one time: as the contract was opened, or as they were proposed before it was signed."""

    id: UUID
    no: int
    kind: str
    terms: Terms
    terms_sha256: str
    proposed_at: datetime
    agreed_at: datetime | None
    ended: str | None
    ended_at: datetime | None
    end_reason: str

    @property
    def waits(self) -> bool:
        return self.kind == "draft" and self.agreed_at is None and self.ended is None


async def versions_of(contract_id: UUID) -> list[VersionView]:
    """The latest first."""
    rows = await fetch(
        "SELECT id, no, kind, terms, terms_sha256, proposed_at, agreed_at, ended, ended_at, end_reason FROM contract_version"
        " WHERE contract_id = $1 ORDER BY no DESC",
        contract_id,
    )
    return [VersionView(**{**row, "terms": Terms.from_json(from_json(row["terms"]))}) for row in rows]


async def waiting_drafts(agency_id: UUID) -> list[tuple[ContractView, datetime]]:
    """Contracts with a proposal that waits for this agency, and since when."""
    rows = await fetch(
        f"{CONTRACT_SQL.replace(' FROM contract c', ', v.proposed_at AS proposed FROM contract c', 1)}"
        " JOIN contract_version v ON v.contract_id = c.id AND v.kind = 'draft' AND v.agreed_at IS NULL AND v.ended IS NULL"
        " WHERE c.agency_id = $1 AND c.in_force_at IS NULL AND c.ended IS NULL ORDER BY v.proposed_at",
        agency_id,
    )
    return [(contract_view({k: v for k, v in row.items() if k != "proposed"}), row["proposed"]) for row in rows]
