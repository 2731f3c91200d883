"""Trades: started by the payer, applied when Alipay says that they were paid or closed, whoever tells us first."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from market.accounts.actions import tell, tell_all
from market.kernel.db import execute, fetch_one, fetch_value, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions import ledger
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.instructions import want
from market.payments.actions.ledger import Entry, post
from market.payments.actions.publishing import record_movement
from market.payments.actions.rows import (
    Payable,
    Payment,
    live_payment,
    lock_payable,
    lock_payable_by,
    lock_payment,
    lock_trade,
    read_payment,
)
from market.payments.alipay.gateway import Gateway, fen
from market.payments.alipay.outcome import Absent, Done
from market.payments.alipay.times import beijing_time
from market.payments.bond_queries import demand_of, is_retained
from market.payments.bond_rules import check_secured
from market.payments.queries import standing
from market.payments.rules import (
    PAY_WITHIN,
    POLLS,
    Kind,
    Means,
    State,
    check_account,
    check_payable,
    check_refund,
    is_over,
    next_poll,
    trade_number,
)
from market.web.display import money
from market.web.viewer import Viewer

log = logging.getLogger(__name__)
Applied = Literal["applied", "known", "unknown_order", "mismatch"]
_TIME_LEFT = PAY_WITHIN / 8


async def start(reference: str, *, viewer: Viewer, means: Means, now: datetime) -> Payment:
    """The trade that the payer can pay now: the one that waits already, or a new one. Raises NotFound for strangers,
    Refusal where nothing is to be paid or Alipay cannot take it."""
    async with transaction():
        payable = await lock_payable_by(reference)
        if payable is None or payable.payer_id != viewer.organisation_id:
            raise NotFound
        check_payable(amount_fen=payable.amount_fen, standing=await standing(payable.id))
        if payable.release_at is None:
            await _check_secured(payable, now)
        waiting = await live_payment(payable.id)
        if waiting is not None:
            return _still_open(waiting, now)
        assert viewer.person_id is not None
        return await _insert(payable, await _smid(payable.payee_id), means, by=viewer.person_id, now=now)


async def _check_secured(payable: Payable, now: datetime) -> None:
    demand = await demand_of(payable.contract)
    check_secured(missing=demand is not None and demand.is_missing(now))


def _still_open(waiting: Payment, now: datetime) -> Payment:
    if waiting.state is State.AWAITING and now < waiting.expires_at - _TIME_LEFT:
        return waiting
    raise Refusal(
        "payments.being_closed", N_("The time of the earlier payment page is running out; it is being closed first."),
        todo=N_("Try again in a few minutes."),
    )  # fmt: skip


async def _smid(organisation_id: UUID) -> str:
    row = await fetch_one("SELECT state, smid FROM sub_merchant WHERE organisation_id = $1", organisation_id)
    check_account(row["state"] if row else None)
    assert row is not None
    smid: str = row["smid"]
    return smid


async def _insert(payable: Payable, smid: str, means: Means, *, by: UUID, now: datetime) -> Payment:
    payment_id = new_id()
    await execute(
        "INSERT INTO payment (id, payable_id, out_trade_no, means, smid, amount_fen, state, started_by, created_at,"
        " expires_at, poll_at) VALUES ($1,$2,$3,$4,$5,$6,'awaiting',$7,$8,$9,$10)",
        payment_id, payable.id, trade_number(payment_id), str(means), smid, payable.amount_fen, by, now,
        now + PAY_WITHIN, now + POLLS[0],
    )  # fmt: skip
    return await read_payment(payment_id)


@dataclass(frozen=True)
class PaidTrade:
    """What Alipay says, signed: by notify, by the answer to a query, or in its bill."""

    out_trade_no: str
    trade_no: str
    amount_fen: int
    paid_at: datetime


async def apply_paid(paid: PaidTrade, *, now: datetime) -> Applied:
    """The one way in which a payment becomes paid, inside the caller's transaction. Any number of messages about one
    payment, in any order and at once, book it once."""
    require_transaction()
    found = await lock_trade(paid.out_trade_no)
    if found is None:
        await raise_alarm("unknown_order", paid.out_trade_no, {"amount_fen": paid.amount_fen}, now=now)
        return "unknown_order"
    payable, payment = found
    if not await _is_the_one(payment, paid, now=now):
        return "mismatch"
    if payment.paid_fen:
        return "known"
    if payment.state in {State.AWAITING, State.CLOSING} and payable.cancelled_at is None:
        await _hold(payable, payment, paid, now=now)
    else:
        await _send_back(payable, payment, paid, now=now)
    return "applied"


async def _is_the_one(payment: Payment, paid: PaidTrade, *, now: datetime) -> bool:
    """A message that contradicts our books changes nothing; a signed answer is asked for at once."""
    facts = {"expected_fen": payment.amount_fen, "given_fen": paid.amount_fen, "trade_no": paid.trade_no}
    if payment.trade_no not in {None, paid.trade_no}:
        await raise_alarm("other_trade", payment.out_trade_no, facts, now=now)
        return False
    if paid.amount_fen != payment.amount_fen:
        await raise_alarm("amount_differs", payment.out_trade_no, facts, now=now)
        if not payment.paid_fen:
            await execute("UPDATE payment SET poll_at = $2 WHERE id = $1", payment.id, now)
        return False
    return True


_PAID = "UPDATE payment SET state = $2, trade_no = $3, paid_at = $4, paid_fen = amount_fen, poll_at = NULL, review_reason = $5 WHERE id = $1"


async def _hold(payable: Payable, payment: Payment, paid: PaidTrade, *, now: datetime) -> None:
    await execute(_PAID, payment.id, str(State.HELD), paid.trade_no, paid.paid_at, "")
    await tell_both(payable, N_("{amount} for {title} is paid and held by Alipay."), "paid", now=now)
    await record_movement("payment.made", payable, payment.amount_fen, at=now)
    # Last, because all payments to one agency share an account whose row is locked from here on.
    await post([_paid_entry("paid", payment, paid, ledger.escrow(payable.id))], now=now)
    if payable.release_at is not None:
        await settle_if_ready(payment.id, now=now)


async def _send_back(payable: Payable, payment: Payment, paid: PaidTrade, *, now: datetime) -> None:
    """Money that nobody owed any more: shown, booked apart, and refunded."""
    await execute(_PAID, payment.id, str(State.REVIEW), paid.trade_no, paid.paid_at, "paid after it was closed")
    await post([_paid_entry("paid_in_error", payment, paid, ledger.SUSPENSE)], now=now)
    await raise_alarm("paid_in_error", payment.out_trade_no, {"amount_fen": paid.amount_fen}, now=now)
    await _promise(payment, payment.amount_fen)
    await want(
        Kind.REFUND,
        N_("Paid after the order was closed"),
        payment_id=payment.id,
        amount_fen=payment.amount_fen,
        now=now,
    )
    await tell(
        payable.payer_id, N_("{amount} for {title} was paid after its time and is being refunded."),
        link=f"/payments/{payable.reference}", cause=f"payment.returned:{payment.out_trade_no}",
        facts={"title": payable.title, "amount": money(payable.amount_fen)}, now=now,
    )  # fmt: skip


def _paid_entry(kind: str, payment: Payment, paid: PaidTrade, whose: ledger.Account) -> Entry:
    return Entry(
        f"pay:{paid.trade_no}", kind, ledger.pending(payment.smid), whose, payment.amount_fen, paid.trade_no, paid.paid_at,
        payment_id=payment.id,
    )  # fmt: skip


async def tell_both(payable: Payable, text: str, cause: str, *, now: datetime) -> None:
    await tell_all(
        (payable.payer_id, payable.payee_id), text, link=f"/payments/{payable.reference}",
        cause=f"payment.{cause}:{payable.reference}", facts={"title": payable.title, "amount": money(payable.amount_fen)}, now=now,
    )  # fmt: skip


async def apply_closed(out_trade_no: str, *, now: datetime) -> Applied:
    """Alipay closed it unpaid, or never saw the buyer. Inside the caller's transaction."""
    found = await lock_trade(out_trade_no)
    if found is None:
        return "unknown_order"
    _, payment = found
    if payment.state not in {State.AWAITING, State.CLOSING}:
        return "known"
    await execute("UPDATE payment SET state = 'closed', ended_at = $2, poll_at = NULL WHERE id = $1", payment.id, now)
    return "applied"


async def settle_if_ready(payment_id: UUID, *, now: datetime) -> bool:
    """Tells Alipay to give the payee what it holds, once that is wanted and nothing else is under way."""
    payable, payment = await lock_payment(payment_id)
    wanted = payable.release_at is not None and payable.blocked_at is None and payable.disputed_at is None
    if not wanted or payment.state is not State.HELD or payment.reserved_fen or payment.left_fen == 0:
        return False
    if await is_retained(payable.reference) or await _is_frozen(payable.payee_id):
        return False
    await execute(
        "UPDATE payment SET state = 'settling', reserved_fen = $2 WHERE id = $1", payment.id, payment.left_fen
    )
    await overtake_requests(payable.id, now=now)
    await want(Kind.SETTLE, payable.title, payment_id=payment.id, amount_fen=payment.left_fen, now=now)
    return True


async def _is_frozen(organisation_id: UUID) -> bool:
    """Whether Alipay gives this account nothing at present."""
    state = await fetch_value("SELECT state FROM sub_merchant WHERE organisation_id = $1", organisation_id)
    return bool(state == "frozen")


async def overtake_requests(payable_id: UUID, *, now: datetime) -> None:
    """The money goes another way: what the owner asked back of it is over."""
    await execute(
        "UPDATE refund_request SET answer = 'overtaken', answered_at = $2 WHERE payable_id = $1 AND answer IS NULL",
        payable_id, now,
    )  # fmt: skip


async def refund(payment_id: UUID, amount_fen: int, *, reason: str, by: UUID | None, now: datetime) -> UUID:
    """Promises a refund and tells Alipay; inside the caller's transaction. Raises Refusal beyond what is left."""
    require_transaction()
    _, payment = await lock_payment(payment_id)
    check_refund(state=payment.state, left_fen=payment.left_fen, amount_fen=amount_fen)
    await _promise(payment, amount_fen)
    return await want(Kind.REFUND, reason, payment_id=payment.id, amount_fen=amount_fen, by=by, now=now)


async def _promise(payment: Payment, amount_fen: int) -> None:
    await execute("UPDATE payment SET reserved_fen = reserved_fen + $2 WHERE id = $1", payment.id, amount_fen)


async def poll(payment_id: UUID, *, gateway: Gateway, now: datetime) -> None:
    """Asks Alipay how a trade stands, and applies what it says."""
    payment = await read_payment(payment_id)
    if payment.state not in {State.AWAITING, State.CLOSING, State.CLOSED}:
        return
    answer = await gateway.trade(payment.out_trade_no, now=now)
    async with transaction():
        if isinstance(answer, Done):
            await _apply_answer(payment, answer, now=now)
        elif isinstance(answer, Absent) and is_over(expires_at=payment.expires_at, now=now):
            await apply_closed(payment.out_trade_no, now=now)
        await execute(
            "UPDATE payment SET polls = polls + 1, poll_at = CASE WHEN state IN ('awaiting', 'closing') THEN $2::timestamptz END"
            " WHERE id = $1 AND state IN ('awaiting', 'closing', 'closed')",
            payment_id, next_poll(payment.polls, expires_at=payment.expires_at, now=now),
        )  # fmt: skip


async def _apply_answer(payment: Payment, answer: Done, *, now: datetime) -> None:
    status = answer.node.get("trade_status")
    if status in {"TRADE_SUCCESS", "TRADE_FINISHED"}:
        await apply_paid(paid_trade(answer, now=now), now=now)
    elif status == "TRADE_CLOSED":
        await apply_closed(payment.out_trade_no, now=now)
    elif status == "WAIT_BUYER_PAY" and now >= payment.expires_at:
        await ask_to_close(payment.id, now=now)


def paid_trade(answer: Done, *, now: datetime) -> PaidTrade:
    node = answer.node
    paid_at = beijing_time(node.get("send_pay_date")) or now
    return PaidTrade(str(node.get("out_trade_no")), str(node.get("trade_no")), fen(node.get("total_amount")), paid_at)


async def ask_to_close(payment_id: UUID, *, now: datetime) -> None:
    _, payment = await lock_payment(payment_id)
    if payment.state is State.AWAITING:
        await execute("UPDATE payment SET state = 'closing' WHERE id = $1", payment.id)
        await want(Kind.CLOSE, "", payment_id=payment.id, now=now)


async def release(reference: str, *, now: datetime) -> None:
    """The work was accepted: what Alipay holds, or will hold, goes to the payee. Inside the caller's transaction."""
    require_transaction()
    payable = await lock_payable_by(reference)
    if payable is None or payable.cancelled_at is not None or payable.release_at is not None:
        return
    await execute("UPDATE payable SET release_at = $2 WHERE id = $1", payable.id, now)
    await _settle_live(payable.id, now=now)


async def _settle_live(payable_id: UUID, *, now: datetime) -> None:
    payment = await live_payment(payable_id)
    if payment is not None:
        await settle_if_ready(payment.id, now=now)


async def settle_payable(reference: str, *, now: datetime) -> None:
    """What held this payment back is over: it goes on where nothing else holds it."""
    payable = await lock_payable_by(reference)
    if payable is not None:
        await _settle_live(payable.id, now=now)


async def block(payable_id: UUID, reason: str, *, now: datetime) -> None:
    """Nothing of this milestone is released until `unblock`."""
    payable = await lock_payable(payable_id)
    if payable.blocked_at is None:
        await execute("UPDATE payable SET blocked_at = $2, block_reason = $3 WHERE id = $1", payable_id, now, reason)


async def unblock(payable_id: UUID, *, now: datetime) -> None:
    await lock_payable(payable_id)
    await execute("UPDATE payable SET blocked_at = NULL, block_reason = '' WHERE id = $1", payable_id)
    await _settle_live(payable_id, now=now)


async def hurry(out_trade_no: str, *, now: datetime) -> None:
    """The buyer came back: Alipay is asked at once instead of at the next turn."""
    async with transaction():
        await execute(
            "UPDATE payment SET poll_at = $2 WHERE out_trade_no = $1 AND state = 'awaiting' AND poll_at > $2",
            out_trade_no,
            now,
        )
