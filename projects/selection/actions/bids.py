"""Sealed bids: handing in, replacing, taking back. Nobody learns a price before the beacon round."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.db import execute, require_transaction


async def void_bids(project_id: UUID, *, now: datetime) -> int:
    """An amendment binds the project to another beacon round, with which none of the bids would open: they are erased,
    in the transaction of the amendment, and their bidders have to bid again. Returns how many there were."""
    require_transaction()
    return await execute(
        "UPDATE sealed_bid SET ciphertext = NULL, ended = 'amended', ended_at = $2"
        " WHERE project_id = $1 AND ended IS NULL AND opened_at IS NULL",
        project_id, now,
    )  # fmt: skip
