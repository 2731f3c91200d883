"""What a milestone owes: opened by the contract, cancelled, blocked by disputes, or paid outside of Alipay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from market.kernel.db import execute, fetch_one, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions.instructions import want
from market.payments.actions.publishing import record_movement
from market.payments.actions.rows import live_payment, lock_payable_by
from market.payments.actions.trades import ask_to_close, overtake_requests, refund, tell_both
from market.payments.queries import standing
from market.payments.rules import Kind, Standing, State
from market.web.viewer import Viewer


@dataclass(frozen=True)
class NewPayable:
    """`reference` is unique: the contract's number and the milestone's. `subject`: what it is shown with."""

    reference: str
    subject: str
    title: str
    payer_id: UUID
    payee_id: UUID
    amount_fen: int
    due_at: datetime | None = None


async def open_payable(new: NewPayable, *, now: datetime) -> bool:
    """Inside the caller's transaction; False when it was opened before."""
    require_transaction()
    return bool(await execute(
        "INSERT INTO payable (id, reference, subject, title, payer_id, payee_id, amount_fen, created_at, due_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING",
        new_id(), new.reference, new.subject, new.title, new.payer_id, new.payee_id, new.amount_fen, now, new.due_at,
    ))  # fmt: skip


async def set_due(reference: str, due_at: datetime) -> None:
    require_transaction()
    await execute("UPDATE payable SET due_at = $2 WHERE reference = $1", reference, due_at)


async def cancel(reference: str, *, reason: str, now: datetime) -> None:
    """Nothing is owed any more: an open trade is closed, what is held goes back to the payer. In the caller's
    transaction. Raises Refusal once the money is the payee's, or on its way there."""
    require_transaction()
    payable = await lock_payable_by(reference)
    if payable is None or payable.cancelled_at is not None:
        return
    payment = await live_payment(payable.id)
    if payable.release_at is not None or (payment and payment.state in {State.SETTLING, State.SETTLED}):
        raise Refusal("payments.released", N_("This money was released to the agency and cannot be called back here."))
    await execute("UPDATE payable SET cancelled_at = $2 WHERE id = $1", payable.id, now)
    await overtake_requests(payable.id, now=now)
    if payment is not None and payment.state is State.AWAITING:
        await ask_to_close(payment.id, now=now)
    elif payment is not None and payment.left_fen:
        await refund(payment.id, payment.left_fen, reason=reason, by=None, now=now)


async def reprice(new: NewPayable, *, now: datetime) -> None:
    """A milestone owes another amount from now on; one that is not known yet is opened with it. In the caller's
    transaction. Raises Refusal once money for it is there, or on its way."""
    require_transaction()
    if await open_payable(new, now=now):
        return
    payable = await lock_payable_by(new.reference)
    assert payable is not None
    if payable.amount_fen == new.amount_fen and payable.cancelled_at is None:
        await execute("UPDATE payable SET title = $2 WHERE id = $1", payable.id, new.title)
        return
    if await standing(payable.id) is not Standing.TO_PAY:
        raise Refusal(
            "payments.amount_fixed", N_("Money for this milestone is paid, or being paid; its amount cannot be changed."),
            todo=N_("Look at the state of this payment; a payment page that is open must run out first."),
        )  # fmt: skip
    await execute("UPDATE payable SET amount_fen = $2, title = $3 WHERE id = $1", payable.id, new.amount_fen, new.title)


@dataclass(frozen=True)
class NewTransfer:
    amount_fen: int
    paid_on: date
    bank_reference: str
    proof_file_id: UUID | None


async def state_transfer(reference: str, transfer: NewTransfer, *, viewer: Viewer, now: datetime) -> None:
    """The payer states that it paid by bank. Raises NotFound for strangers, Refusal where nothing is to be paid."""
    async with transaction():
        payable = await lock_payable_by(reference)
        if payable is None or payable.payer_id != viewer.organisation_id:
            raise NotFound
        if await standing(payable.id) is not Standing.TO_PAY:
            raise Refusal(
                "payments.not_to_pay", N_("Nothing is to be paid by bank transfer here at present."),
                todo=N_("Look at the state of this payment; a payment page that is open must run out first."),
            )  # fmt: skip
        if transfer.amount_fen != payable.amount_fen:
            raise Refusal("payments.other_amount", N_("The transfer must be of exactly the amount that is owed."))
        await execute(
            "INSERT INTO bank_transfer (id, payable_id, amount_fen, paid_on, bank_reference, proof_file_id, stated_by, stated_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
            new_id(), payable.id, transfer.amount_fen, transfer.paid_on, transfer.bank_reference, transfer.proof_file_id,
            viewer.person_id, now,
        )  # fmt: skip
        await tell_both(payable, N_("A bank transfer of {amount} for {title} was stated and waits for confirmation."),
                        "transfer_stated", now=now)  # fmt: skip


async def answer_transfer(reference: str, *, received: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """The payee confirms or denies that the money came. Raises NotFound where nothing waits for it."""
    async with transaction():
        payable = await lock_payable_by(reference)
        if payable is None or payable.payee_id != viewer.organisation_id:
            raise NotFound
        changed = await execute(
            "UPDATE bank_transfer SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5"
            " WHERE payable_id = $1 AND answer IS NULL",
            payable.id, "confirmed" if received else "denied", reason, viewer.person_id, now,
        )  # fmt: skip
        if not changed:
            raise NotFound
        if received:
            await record_movement(
                "payment.by_bank", payable, payable.amount_fen, at=now, by=viewer.organisation_code,
                private={"person": viewer.person_name},
            )  # fmt: skip
        text = N_("The agency confirmed the bank transfer of {amount} for {title}.") if received else N_(
            "The agency did not find the bank transfer of {amount} for {title}.")  # fmt: skip
        await tell_both(payable, text, f"transfer_answered.{now:%Y%m%d%H%M%S}", now=now)


async def register_account(logon_id: str, *, viewer: Viewer, now: datetime) -> None:
    """An agency asks to be a sub-merchant with its own Alipay account; the account cannot be changed once it is active."""
    async with transaction():
        known = await fetch_one(
            "SELECT id, state FROM sub_merchant WHERE organisation_id = $1 FOR NO KEY UPDATE", viewer.organisation_id
        )
        if known is not None and known["state"] != "refused":
            raise Refusal(
                "payments.account_registered", N_("Your organisation has registered an Alipay account already.")
            )
        sub_merchant_id = known["id"] if known else new_id()
        await execute(
            "INSERT INTO sub_merchant (id, organisation_id, logon_id, state, asked_by, asked_at) VALUES ($1,$2,$3,'asked',$4,$5)"
            " ON CONFLICT (organisation_id) DO UPDATE SET logon_id = $3, state = 'asked', order_id = NULL, asked_by = $4,"
            " asked_at = $5, answered_at = NULL, refusal = ''",
            sub_merchant_id, viewer.organisation_id, logon_id, viewer.person_id, now,
        )  # fmt: skip
        await want(Kind.ONBOARD, "", sub_merchant_id=sub_merchant_id, by=viewer.person_id, now=now)
