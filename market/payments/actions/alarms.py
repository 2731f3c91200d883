"""What a person must look at: raised once for each thing, open until somebody says what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import execute, require_transaction, to_json, transaction
from market.kernel.errors import NotFound
from market.kernel.ids import new_id


async def raise_alarm(kind: str, about: str, facts: Mapping[str, Any], *, now: datetime) -> None:
    """`about`: the number of the thing; a second alarm of the kind about it adds nothing."""
    require_transaction()
    await execute(
        "INSERT INTO payment_alarm (id, kind, about, facts, raised_at) VALUES ($1,$2,$3,$4::jsonb,$5) ON CONFLICT DO NOTHING",
        new_id(), kind, about, to_json(dict(facts)), now,
    )  # fmt: skip


async def resolve_alarm(alarm_id: UUID, *, resolution: str, by: UUID, now: datetime) -> None:
    """Raises NotFound where there is no open alarm of this id."""
    async with transaction():
        changed = await execute(
            "UPDATE payment_alarm SET resolved_at = $2, resolved_by = $3, resolution = $4 WHERE id = $1 AND resolved_at IS NULL",
            alarm_id, now, by, resolution,
        )  # fmt: skip
        if not changed:
            raise NotFound
