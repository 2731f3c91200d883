"""A bank's guarantee as a bond: handed in by the agency, confirmed or refused by the owner, which asks the bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from market.kernel.db import execute, fetch_one, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions.bonds import record_bond, tell_about
from market.payments.actions.rows import lock_demand
from market.payments.bond_rules import check_guarantee
from market.web.viewer import Viewer


@dataclass(frozen=True)
class NewGuarantee:
    number: str
    bank: str
    amount_fen: int
    valid_until: date
    file_id: UUID


async def hand_in(reference: str, new: NewGuarantee, *, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal for a guarantee that is too small or over, or while another waits."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.agency_id != viewer.organisation_id:
            raise NotFound
        if asked.ended is not None:
            raise Refusal("bond.ended", N_("This bond is not asked for any more."))
        check_guarantee(
            amount_fen=new.amount_fen, demanded_fen=asked.amount_fen, valid_until=new.valid_until, now=now
        )  # fmt: skip
        inserted = await execute(
            "INSERT INTO bank_guarantee (id, demand_id, number, bank, amount_fen, valid_until, file_id, given_by, given_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (demand_id) WHERE answer IS NULL DO NOTHING",
            new_id(), asked.id, new.number, new.bank, new.amount_fen, new.valid_until, new.file_id, viewer.person_id, now,
        )  # fmt: skip
        if not inserted:
            raise Refusal("bond.guarantee_waits", N_("A guarantee was handed in already and waits for the owner."))
        text = N_("{title}: the agency handed in a bank's guarantee; check it with the bank and answer.")
        await tell_about(asked, asked.beneficiary_id, text, f"guarantee.{new.number}", now=now)


async def answer(reference: str, *, confirms: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound where no guarantee waits for this viewer."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.beneficiary_id != viewer.organisation_id:
            raise NotFound
        row = await fetch_one(
            "UPDATE bank_guarantee SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5"
            " WHERE demand_id = $1 AND answer IS NULL RETURNING amount_fen, valid_until, number",
            asked.id, "confirmed" if confirms else "refused", "" if confirms else reason, viewer.person_id, now,
        )  # fmt: skip
        if row is None:
            raise NotFound
        kind = "bond.guaranteed" if confirms else "bond.guarantee_refused"
        await record_bond(
            kind, asked.id, at=now, by=viewer.organisation_code, amount_fen=row["amount_fen"],
            valid_until=row["valid_until"].isoformat(),
        )  # fmt: skip
        text = (
            N_("{title}: the owner confirmed the bank's guarantee.")
            if confirms
            else N_("{title}: the owner did not accept the bank's guarantee.")
        )
        await tell_about(asked, asked.agency_id, text, f"guarantee_answered.{row['number']}", now=now)
