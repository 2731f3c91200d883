"""Before a freeze or a guarantee runs out, both sides are told, once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from market.kernel.calendar import beijing_date
from market.kernel.db import fetch, transaction
from market.kernel.i18n import N_
from market.payments.actions.bonds import tell_about
from market.payments.actions.rows import demand_by_id
from market.payments.bond_rules import REMINDED

_FREEZES: Final = (
    "UPDATE bond SET reminded_at = $1 WHERE id IN (SELECT b.id FROM bond b JOIN bond_demand d ON d.id = b.demand_id"
    " WHERE b.state = 'frozen' AND b.reminded_at IS NULL AND b.expires_at <= $2 AND d.ended_at IS NULL LIMIT 50"
    " FOR NO KEY UPDATE OF b SKIP LOCKED) RETURNING demand_id, reference AS about"
)
_GUARANTEES: Final = (
    "UPDATE bank_guarantee SET reminded_at = $1 WHERE id IN (SELECT g.id FROM bank_guarantee g JOIN bond_demand d"
    " ON d.id = g.demand_id WHERE g.answer = 'confirmed' AND g.returned_at IS NULL AND g.reminded_at IS NULL"
    " AND g.valid_until <= $2 AND d.ended_at IS NULL LIMIT 50 FOR NO KEY UPDATE OF g SKIP LOCKED) RETURNING demand_id, number AS about"
)
_TEXT: Final = N_("{title}: the bond of {amount} runs out soon; the agency gives a new one before its end.")


async def remind_of_ends(*, now: datetime) -> int:
    until = now + REMINDED
    async with transaction():
        rows = await fetch(_FREEZES, now, until) + await fetch(_GUARANTEES, now, beijing_date(until))
        for row in rows:
            asked = await demand_by_id(row["demand_id"])
            for organisation_id in (asked.agency_id, asked.beneficiary_id):
                await tell_about(asked, organisation_id, _TEXT, f"runs_out.{row['about']}", now=now)
    return len(rows)
