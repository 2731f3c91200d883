"""The owner's claim on a bond: the agency agrees, or refuses and the regulator rules; then the owner is paid from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions import bonds
from market.payments.actions.bonds import record_bond, tell_about
from market.payments.actions.rows import Demand, bonds_of, live_payment, lock_demand, lock_payable_by
from market.payments.actions.trades import refund
from market.payments.bond_rules import check_claim
from market.payments.rules import Kind
from market.web.viewer import Viewer


async def claim(reference: str, amount_fen: int, *, reason: str, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal beyond what is left or without an account that Alipay could pay into."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.beneficiary_id != viewer.organisation_id:
            raise NotFound
        no: int = await fetch_value("SELECT count(*) + 1 FROM bond_claim WHERE demand_id = $1", asked.id)
        waits: bool = await fetch_value(
            "SELECT EXISTS (SELECT 1 FROM bond_claim WHERE demand_id = $1 AND granted_fen IS NULL)", asked.id
        )
        left = await _left(asked, now=now)
        check_claim(amount_fen=amount_fen, left_fen=left, ended=asked.ended is not None, open_claim=waits)
        await _check_account(asked)
        await execute(
            "INSERT INTO bond_claim (id, demand_id, no, amount_fen, reason, claimed_by, claimed_at) VALUES ($1,$2,$3,$4,$5,$6,$7)",
            new_id(), asked.id, no, amount_fen, reason, viewer.person_id, now,
        )  # fmt: skip
        await record_bond("bond.claimed", asked.id, at=now, by=viewer.organisation_code, no=no, amount_fen=amount_fen)
        text = N_("{title}: the owner claims a part of the bond; agree or refuse with your reason.")
        await tell_about(asked, asked.agency_id, text, f"claimed.{no}", now=now)


async def _left(asked: Demand, *, now: datetime) -> int:
    """Fen that can be claimed: what is frozen, else what the bank guarantees, else what is held back."""
    frozen = sum(one.left_fen for one in await bonds_of(asked.id, "frozen") if now < one.expires_at)
    if frozen:
        return frozen
    guaranteed: int = await fetch_value(
        "SELECT coalesce(max(amount_fen), 0) FROM bank_guarantee WHERE demand_id = $1 AND answer = 'confirmed'"
        " AND returned_at IS NULL", asked.id,
    )  # fmt: skip
    return guaranteed or await _held_back(asked)


async def _held_back(asked: Demand) -> int:
    if asked.retained_reference is None:
        return 0
    payable = await lock_payable_by(asked.retained_reference)
    payment = await live_payment(payable.id) if payable else None
    return min(payment.left_fen, asked.amount_fen) if payment else 0


async def _check_account(asked: Demand) -> None:
    frozen = await bonds_of(asked.id, "frozen")
    smid = await fetch_value(
        "SELECT smid FROM sub_merchant WHERE organisation_id = $1 AND state = 'active'", asked.beneficiary_id
    )
    if frozen and not smid:
        raise Refusal(
            "bond.owner_without_account", N_("Alipay pays a claim into your own account, and none is confirmed yet."),
            todo=N_("Register your organisation's Alipay account under payments, then claim."),
        )  # fmt: skip


async def answer(reference: str, *, agrees: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """Agreed, it is paid; refused, it waits for the regulator. Raises NotFound where no claim waits for this viewer."""
    async with transaction():
        asked = await lock_demand(reference)
        if asked.agency_id != viewer.organisation_id:
            raise NotFound
        row = await fetch_one(
            "UPDATE bond_claim SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5,"
            " granted_fen = CASE WHEN $2 = 'agreed' THEN amount_fen END WHERE demand_id = $1 AND answer IS NULL"
            " AND granted_fen IS NULL RETURNING no, amount_fen, reason",
            asked.id, "agreed" if agrees else "refused", "" if agrees else reason, viewer.person_id, now,
        )  # fmt: skip
        if row is None:
            raise NotFound
        await record_bond(
            "bond.claim_answered", asked.id, at=now, by=viewer.organisation_code, no=row["no"],
            answer="agreed" if agrees else "refused",
        )  # fmt: skip
        if agrees:
            await _pay(asked, row["amount_fen"], row["reason"], viewer, now=now)
        text = N_("{title}: the agency agreed to your claim.") if agrees else N_(
            "{title}: the agency refused your claim; the regulator decides.")  # fmt: skip
        await tell_about(asked, asked.beneficiary_id, text, f"claim_answered.{row['no']}", now=now)


async def rule(reference: str, granted_fen: int, *, ruling: str, viewer: Viewer, now: datetime) -> None:
    """The regulator's decision on a claim that was refused; the caller has made sure that it is this regulator's. Raises
    NotFound where none waits, Refusal beyond what was claimed."""
    async with transaction():
        asked = await lock_demand(reference)
        row: dict[str, Any] | None = await fetch_one(
            "SELECT id, no, amount_fen FROM bond_claim WHERE demand_id = $1 AND answer = 'refused' AND ruled_at IS NULL", asked.id
        )  # fmt: skip
        if row is None:
            raise NotFound
        if granted_fen > row["amount_fen"]:
            raise Refusal("bond.more_than_claimed", N_("More cannot be granted than was claimed."))
        await execute(
            "UPDATE bond_claim SET granted_fen = $2, ruling = $3, ruled_by = $4, ruled_at = $5 WHERE id = $1",
            row["id"], granted_fen, ruling, viewer.person_id, now,
        )  # fmt: skip
        await record_bond(
            "bond.claim_ruled", asked.id, at=now, by=viewer.organisation_code, no=row["no"], granted_fen=granted_fen
        )
        if granted_fen:
            await _pay(asked, granted_fen, ruling, viewer, now=now)
        for organisation_id in (asked.agency_id, asked.beneficiary_id):
            text = N_("{title}: the regulator ruled on the claim on the bond.")
            await tell_about(asked, organisation_id, text, f"claim_ruled.{row['no']}", now=now)


async def _pay(asked: Demand, amount_fen: int, reason: str, viewer: Viewer, *, now: datetime) -> None:
    """From what is frozen or held back. From a guarantee the owner is paid by the bank; the market can only say so."""
    for one in await bonds_of(asked.id, "frozen"):
        part = min(amount_fen, one.left_fen) if now < one.expires_at else 0
        if part:
            await bonds.move(one.id, Kind.CAPTURE, part, reason=reason, viewer=viewer, now=now)
            amount_fen -= part
    if amount_fen and asked.retained_reference is not None:
        payable = await lock_payable_by(asked.retained_reference)
        payment = await live_payment(payable.id) if payable else None
        part = min(amount_fen, payment.left_fen) if payment else 0
        if payment and part:
            await refund(payment.id, part, reason=reason, by=viewer.person_id, now=now)
