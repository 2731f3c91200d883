"""Money back before the work is accepted: the owner asks, the agency agrees or refuses; agreed, Alipay is told."""

from __future__ import annotations

from datetime import datetime

from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions.publishing import record_movement
from market.payments.actions.rows import Payable, live_payment, lock_payable_by
from market.payments.actions.trades import refund, tell_both
from market.payments.rules import check_refund_request
from market.web.viewer import Viewer


async def ask(reference: str, amount_fen: int, *, reason: str, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal where Alipay does not hold the money (any more) or a request waits."""
    async with transaction():
        payable = await _mine(reference, viewer, payer=True)
        payment = await live_payment(payable.id)
        waits: bool = await fetch_value(
            "SELECT EXISTS (SELECT 1 FROM refund_request WHERE payable_id = $1 AND answer IS NULL)", payable.id
        )
        check_refund_request(
            state=payment.state if payment else None, left_fen=payment.left_fen if payment else 0, amount_fen=amount_fen,
            accepted=payable.release_at is not None, waits=waits,
        )  # fmt: skip
        assert payment is not None
        await execute(
            "INSERT INTO refund_request (id, payable_id, payment_id, amount_fen, reason, asked_by, asked_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7)",
            new_id(), payable.id, payment.id, amount_fen, reason, viewer.person_id, now,
        )  # fmt: skip
        await record_movement(
            "refund.asked", payable, amount_fen, at=now, by=viewer.organisation_code,
            private={"person": viewer.person_name, "reason": reason},
        )  # fmt: skip
        await tell_both(payable, N_("The owner asks for money back from {title}; the agency answers."),
                        f"refund_asked.{now:%Y%m%d%H%M%S}", now=now)  # fmt: skip


async def answer(reference: str, *, agrees: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers and where nothing waits, Refusal while a dispute is open or the money moved."""
    async with transaction():
        payable = await _mine(reference, viewer, payer=False)
        row = await fetch_one(
            "SELECT id, payment_id, amount_fen, reason FROM refund_request WHERE payable_id = $1 AND answer IS NULL", payable.id
        )  # fmt: skip
        if row is None:
            raise NotFound
        if agrees and payable.disputed_at is not None:
            raise Refusal(
                "refund.disputed", N_("A dispute on this milestone is open; it decides about this money."),
                todo=N_("Answer in the dispute."),
            )  # fmt: skip
        told = None
        if agrees:
            told = await refund(
                row["payment_id"], row["amount_fen"], reason=row["reason"], by=viewer.person_id, now=now
            )
        said = "agreed" if agrees else "refused"
        await execute(
            "UPDATE refund_request SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5, instruction_id = $6"
            " WHERE id = $1", row["id"], said, "" if agrees else reason, viewer.person_id, now, told,
        )  # fmt: skip
        await _record_answer(payable, row["amount_fen"], said, viewer, now=now)
        text = N_("The agency agreed: money from {title} goes back to the owner.") if agrees else N_(
            "The agency refuses to give money from {title} back.")  # fmt: skip
        await tell_both(payable, text, f"refund_answered.{now:%Y%m%d%H%M%S}", now=now)


async def withdraw(reference: str, *, viewer: Viewer, now: datetime) -> None:
    """The owner takes its request back. Raises NotFound where none waits."""
    async with transaction():
        payable = await _mine(reference, viewer, payer=True)
        row = await fetch_one(
            "UPDATE refund_request SET answer = 'withdrawn', answered_by = $2, answered_at = $3 WHERE payable_id = $1"
            " AND answer IS NULL RETURNING amount_fen", payable.id, viewer.person_id, now,
        )  # fmt: skip
        if row is None:
            raise NotFound
        await _record_answer(payable, row["amount_fen"], "withdrawn", viewer, now=now)


async def _record_answer(payable: Payable, amount_fen: int, said: str, viewer: Viewer, *, now: datetime) -> None:
    await record_movement(
        "refund.answered", payable, amount_fen, at=now, by=viewer.organisation_code, answer=said,
        private={"person": viewer.person_name},
    )  # fmt: skip


async def _mine(reference: str, viewer: Viewer, *, payer: bool) -> Payable:
    payable = await lock_payable_by(reference)
    if payable is None or viewer.organisation_id != (payable.payer_id if payer else payable.payee_id):
        raise NotFound
    return payable
