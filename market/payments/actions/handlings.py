"""What each kind of instruction asks, tells and leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from market.kernel.db import execute, fetch_one
from market.kernel.i18n import N_
from market.payments.actions import ledger
from market.payments.actions.accounts import BLOCKED, freeze, refuse
from market.payments.actions.bond_handlings import BOND_HANDLINGS
from market.payments.actions.instructions import Handling
from market.payments.actions.ledger import Entry, post
from market.payments.actions.publishing import record_movement
from market.payments.actions.rows import Instruction, Payable, Payment, lock_payment, read_payment
from market.payments.actions.trades import apply_closed, apply_paid, paid_trade, settle_if_ready, tell_both
from market.payments.alipay.gateway import Gateway, Merchant, fen
from market.payments.alipay.outcome import Absent, Done, Finding, Outcome, Rejected, Unknown
from market.payments.alipay.times import beijing_time
from market.payments.rules import MARGIN, Kind, State, is_over


async def _payment(instruction: Instruction) -> Payment:
    assert instruction.payment_id is not None
    return await read_payment(instruction.payment_id)


async def _locked(instruction: Instruction) -> tuple[Payable, Payment]:
    assert instruction.payment_id is not None
    return await lock_payment(instruction.payment_id)


# Closing: whatever the answer, how the trade stands decides.


async def _ask_close(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    payment = await _payment(instruction)
    found = await gateway.trade(payment.out_trade_no, now=now)
    unpaid = isinstance(found, Done) and found.node.get("trade_status") == "WAIT_BUYER_PAY"
    return Absent() if unpaid else found


async def _tell_close(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    payment = await _payment(instruction)
    outcome = await gateway.close(payment.out_trade_no, now=now)
    if not isinstance(outcome, Rejected):
        return outcome
    found = await gateway.trade(payment.out_trade_no, now=now)
    return _not_there(payment, now) if isinstance(found, Absent) else found


def _not_there(payment: Payment, now: datetime) -> Outcome:
    """The buyer never showed himself at the cashier, so there is nothing to close; until the time is over he still may."""
    if is_over(expires_at=payment.expires_at, now=now):
        return Done({"trade_status": "TRADE_CLOSED"})
    return Unknown("the buyer has not been at the cashier yet", until=payment.expires_at + MARGIN)


async def _closed(instruction: Instruction, done: Done, now: datetime) -> None:
    payment = await _payment(instruction)
    if done.node.get("trade_status") in {"TRADE_SUCCESS", "TRADE_FINISHED"}:
        await apply_paid(paid_trade(done, now=now), now=now)
    else:
        await apply_closed(payment.out_trade_no, now=now)


async def _nothing(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    return None


# Refunds.


async def _ask_refund(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    payment = await _payment(instruction)
    return await gateway.refunded(payment.out_trade_no, instruction.request_no, instruction.amount, now=now)


async def _tell_refund(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    payment = await _payment(instruction)
    return await gateway.refund(
        payment.out_trade_no, instruction.request_no, instruction.amount, instruction.reason, now=now
    )


async def _refunded(instruction: Instruction, done: Done, now: datetime) -> None:
    payable, payment = await _locked(instruction)
    in_error = payment.state is State.REVIEW
    whose = ledger.SUSPENSE if in_error else ledger.escrow(payable.id)
    await post([Entry(
        f"refund:{instruction.request_no}", "refund_of_error" if in_error else "refund", whose, ledger.pending(payment.smid),
        instruction.amount, payment.trade_no or "", beijing_time(done.node.get("gmt_refund_pay")) or now, payment_id=payment.id,
    )], now=now)  # fmt: skip
    if not in_error:
        await record_movement("payment.refunded", payable, instruction.amount, at=now)
    whole = payment.refunded_fen + instruction.amount == payment.paid_fen
    state = State.REFUNDED if whole and not in_error else payment.state
    await execute(
        "UPDATE payment SET refunded_fen = refunded_fen + $2, reserved_fen = reserved_fen - $2, state = $3,"
        " ended_at = CASE WHEN $4 THEN $5 ELSE ended_at END WHERE id = $1",
        payment.id, instruction.amount, str(state), whole, now,
    )  # fmt: skip
    await settle_if_ready(payment.id, now=now)


async def _refund_refused(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    _, payment = await _locked(instruction)
    await execute("UPDATE payment SET reserved_fen = reserved_fen - $2 WHERE id = $1", payment.id, instruction.amount)
    await settle_if_ready(payment.id, now=now)


# Settlement: never on the word of a notify alone; Alipay confirms the trade first.


async def _ask_settle(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    payment = await _payment(instruction)
    return await gateway.settled(payment.out_trade_no, instruction.amount, now=now)


async def _tell_settle(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    payment = await _payment(instruction)
    found = await gateway.trade(payment.out_trade_no, now=now)
    if not isinstance(found, Done):
        return Unknown("Alipay does not know the trade that is to be settled") if isinstance(found, Absent) else found
    if found.node.get("trade_no") != payment.trade_no or fen(found.node.get("total_amount")) != payment.amount_fen:
        return Unknown("Alipay tells another trade than was paid")
    return await gateway.settle(payment.trade_no or "", instruction.request_no, instruction.amount, now=now)


async def _settled(instruction: Instruction, done: Done, now: datetime) -> None:
    payable, payment = await _locked(instruction)
    await book_settlement(payable, payment, instruction.request_no, instruction.amount, now=now)


async def book_settlement(payable: Payable, payment: Payment, number: str, amount_fen: int, *, now: datetime) -> None:
    """The milestone's money becomes the payee's, and leaves what Alipay holds pending."""
    to_payee = Entry(
        f"settle:{number}", "settle", ledger.escrow(payable.id), ledger.received(payable.payee_id), amount_fen, number, now,
        payment_id=payment.id,
    )  # fmt: skip
    outwards = replace(
        to_payee, key=f"settle:{number}:out", kind="handed_over", debit=ledger.handed_over(payable.payee_id),
        credit=ledger.pending(payment.smid),
    )  # fmt: skip
    await post([to_payee, outwards], now=now)
    await execute(
        "UPDATE payment SET state = 'settled', settled_fen = settled_fen + $2, reserved_fen = 0, ended_at = $3 WHERE id = $1",
        payment.id, amount_fen, now,
    )  # fmt: skip
    await record_movement("payment.released", payable, amount_fen, at=now)
    await tell_both(payable, N_("{amount} for {title} was released to the agency."), "released", now=now)


async def _settle_refused(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    _, payment = await _locked(instruction)
    await execute("UPDATE payment SET state = 'held', reserved_fen = 0 WHERE id = $1", payment.id)
    if rejected.code in BLOCKED:
        await freeze(payment.smid, now=now)


# Onboarding.


async def _ask_onboard(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    return Absent()  # the same request number gives the same order again


async def _tell_onboard(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    row = await fetch_one(
        "SELECT o.code, o.name, o.legal_representative, o.phone, s.logon_id FROM sub_merchant s"
        " JOIN organisation o ON o.id = s.organisation_id WHERE s.id = $1", instruction.sub_merchant_id,
    )  # fmt: skip
    assert row is not None
    merchant = Merchant(
        row["code"], row["name"], row["code"], row["legal_representative"], row["phone"], row["logon_id"]
    )
    return await gateway.onboard(merchant, instruction.request_no, now=now)


async def _onboarded(instruction: Instruction, done: Done, now: datetime) -> None:
    await execute(
        "UPDATE sub_merchant SET state = 'reviewing', order_id = $2, ask_at = $3 WHERE id = $1",
        instruction.sub_merchant_id, str(done.node["order_id"]), now,
    )  # fmt: skip


async def _onboarding_refused(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    assert instruction.sub_merchant_id is not None
    await refuse(instruction.sub_merchant_id, rejected.message or rejected.code, now=now)


HANDLINGS: Final[dict[Kind, Handling]] = {
    Kind.CLOSE: Handling(_ask_close, _tell_close, _closed, _nothing),
    Kind.REFUND: Handling(_ask_refund, _tell_refund, _refunded, _refund_refused),
    Kind.SETTLE: Handling(_ask_settle, _tell_settle, _settled, _settle_refused),
    Kind.ONBOARD: Handling(_ask_onboard, _tell_onboard, _onboarded, _onboarding_refused),
    **BOND_HANDLINGS,
}
