"""What the instructions about bonds ask, tell and lead to: a code to freeze by, unfreezing, paying the owner from it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from market.kernel.db import execute, fetch_value
from market.payments.actions import ledger
from market.payments.actions.bonds import finish_if_spent, record_bond
from market.payments.actions.instructions import Handling
from market.payments.actions.ledger import Entry, post
from market.payments.actions.rows import Bond, Instruction, lock_bond, read_bond
from market.payments.alipay.gateway import Gateway, Order, fen
from market.payments.alipay.outcome import Absent, Done, Finding, NotExecuted, Outcome, Rejected, Unknown
from market.payments.alipay.times import beijing_time
from market.payments.rules import PAY_WITHIN, Kind


async def _bond(instruction: Instruction) -> Bond:
    assert instruction.bond_id is not None
    return await read_bond(instruction.bond_id)


async def _ask_freeze(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    return Absent()  # asking for a code again gives the same code


async def _tell_freeze(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    bond = await _bond(instruction)
    return await gateway.freeze_code(bond.order_no, instruction.request_no, bond.total_fen, bond.title, now=now)


async def _freeze_offered(instruction: Instruction, done: Done, now: datetime) -> None:
    await execute(
        "UPDATE bond SET code = $2, poll_at = $3 WHERE id = $1", instruction.bond_id, str(done.node["code_value"]), now
    )


async def _freeze_refused(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    await execute("UPDATE bond SET state = 'withdrawn', poll_at = NULL WHERE id = $1", instruction.bond_id)


async def _ask_unfreeze(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    bond = await _bond(instruction)
    found = await gateway.authorisation(bond.order_no, instruction.request_no, "UNFREEZE", now=now)
    unfinished = isinstance(found, Done) and found.node.get("status") != "SUCCESS"
    return Unknown("not unfrozen yet") if unfinished else found


async def _tell_unfreeze(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    bond = await _bond(instruction)
    return await gateway.unfreeze(
        bond.auth_no or "", instruction.request_no, instruction.amount, instruction.reason, now=now
    )


async def _unfrozen(instruction: Instruction, done: Done, now: datetime) -> None:
    await _book(instruction, "unfreeze", at=now, now=now)


async def _ask_capture(instruction: Instruction, gateway: Gateway, now: datetime) -> Finding:
    found = await gateway.trade(instruction.request_no, now=now)
    if isinstance(found, Done) and fen(found.node.get("total_amount")) != instruction.amount:
        return Unknown("captured with another amount")
    return found


async def _tell_capture(instruction: Instruction, gateway: Gateway, now: datetime) -> Outcome:
    """Never without the owner's own account: without one Alipay would pay the merchant that asks, which is the market."""
    bond = await _bond(instruction)
    smid = await fetch_value(
        "SELECT smid FROM sub_merchant WHERE organisation_id = $1 AND state = 'active'", bond.beneficiary_id
    )
    if not smid:
        return NotExecuted("the owner has no confirmed Alipay account")
    order = Order(instruction.request_no, bond.title, instruction.amount, now + PAY_WITHIN, smid)
    return await gateway.capture(bond.auth_no or "", order, rest_goes_back=False, now=now)


async def _captured(instruction: Instruction, done: Done, now: datetime) -> None:
    paid_at = done.node.get("gmt_payment") or done.node.get("send_pay_date")
    await _book(instruction, "capture", at=beijing_time(paid_at) or now, now=now)


async def _book(instruction: Instruction, kind: str, *, at: datetime, now: datetime) -> None:
    bond = await lock_bond((await _bond(instruction)).id)
    await post([Entry(
        f"{kind}:{instruction.request_no}", kind, ledger.bond_claim(bond.id), ledger.bond_frozen(bond.id), instruction.amount,
        bond.auth_no or "", at, bond_id=bond.id,
    )], now=now)  # fmt: skip
    column = "captured_fen" if kind == "capture" else "unfrozen_fen"
    await execute(
        f"UPDATE bond SET {column} = {column} + $2, reserved_fen = reserved_fen - $2,"
        " state = CASE WHEN unfrozen_fen + captured_fen + $2 = total_fen THEN 'finished' ELSE state END WHERE id = $1",
        bond.id, instruction.amount,
    )  # fmt: skip
    said = {"capture": "bond.captured", "unfreeze": "bond.unfrozen"}[kind]
    await record_bond(said, bond.demand_id, at=now, amount_fen=instruction.amount)
    if kind == "capture":
        await finish_if_spent(bond.demand_id, now=now)


async def _refused(instruction: Instruction, rejected: Rejected, now: datetime) -> None:
    await execute(
        "UPDATE bond SET reserved_fen = reserved_fen - $2 WHERE id = $1", instruction.bond_id, instruction.amount
    )


BOND_HANDLINGS: Final[dict[Kind, Handling]] = {
    Kind.FREEZE: Handling(_ask_freeze, _tell_freeze, _freeze_offered, _freeze_refused),
    Kind.UNFREEZE: Handling(_ask_unfreeze, _tell_unfreeze, _unfrozen, _refused),
    Kind.CAPTURE: Handling(_ask_capture, _tell_capture, _captured, _refused),
}
