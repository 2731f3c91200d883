"""What a dispute does to the money of a milestone: it is held back, and in the end divided. Inside the caller's transaction.

The payable is locked before its payment, as by everybody: money is released before a dispute is opened or held by it,
never both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.db import execute, fetch_value, require_transaction
from market.payments.actions.rows import live_payment, lock_payable
from market.payments.actions.trades import ask_to_close, refund, settle_if_ready
from market.payments.rules import Kind, State


async def hold_back(payable_id: UUID, *, now: datetime) -> None:
    """Nothing of this milestone is released until one of the others below is called."""
    await lock_payable(payable_id)
    await execute("UPDATE payable SET disputed_at = $2 WHERE id = $1", payable_id, now)


async def let_go(payable_id: UUID, *, now: datetime) -> None:
    """Everything goes on as if nothing had been disputed: what was to be released is released."""
    await lock_payable(payable_id)
    await execute("UPDATE payable SET disputed_at = NULL WHERE id = $1", payable_id)
    await _settle(payable_id, now=now)


async def give_back(payable_id: UUID, amount_fen: int, *, reason: str, by: UUID | None, now: datetime) -> UUID:
    """Refunds a part of what Alipay holds, while the rest stays held; returns the instruction. Once all goes back nothing
    is owed any more. Raises Refusal beyond what is left."""
    await lock_payable(payable_id)
    payment = await live_payment(payable_id)
    assert payment is not None
    if amount_fen == payment.paid_fen:
        await execute("UPDATE payable SET release_at = NULL, cancelled_at = $2 WHERE id = $1", payable_id, now)
    return await refund(payment.id, amount_fen, reason=reason, by=by, now=now)


async def hand_over(payable_id: UUID, *, now: datetime) -> UUID | None:
    """What is held, or will be paid, is the payee's; returns the instruction where Alipay was told now."""
    await lock_payable(payable_id)
    await execute(
        "UPDATE payable SET disputed_at = NULL, release_at = coalesce(release_at, $2) WHERE id = $1", payable_id, now
    )
    return await _settle(payable_id, now=now)


async def call_off(payable_id: UUID, *, now: datetime) -> None:
    """Nothing is owed here any more: an open trade is closed. What is held must have been given back before."""
    await lock_payable(payable_id)
    payment = await live_payment(payable_id)
    assert payment is None or payment.paid_fen == 0
    await execute(
        "UPDATE payable SET disputed_at = NULL, release_at = NULL, cancelled_at = coalesce(cancelled_at, $2) WHERE id = $1",
        payable_id, now,
    )  # fmt: skip
    if payment is not None and payment.state is State.AWAITING:
        await ask_to_close(payment.id, now=now)


async def _settle(payable_id: UUID, *, now: datetime) -> UUID | None:
    require_transaction()
    payment = await live_payment(payable_id)
    if payment is None or not await settle_if_ready(payment.id, now=now):
        return None
    told: UUID = await fetch_value(
        "SELECT id FROM instruction WHERE payment_id = $1 AND kind = $2 AND ended_at IS NULL",
        payment.id,
        str(Kind.SETTLE),
    )
    return told
