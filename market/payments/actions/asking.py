"""What is asked of Alipay from time to time: onboardings under review, bonds not yet frozen, money held for very long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import execute, fetch_one, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.money import Money
from market.payments.actions import ledger
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.handlings import book_settlement
from market.payments.actions.instructions import want
from market.payments.actions.ledger import Entry, post
from market.payments.actions.rows import lock_bond, lock_payment, read_bond, read_payment
from market.payments.alipay.gateway import Gateway, settled_amount
from market.payments.alipay.outcome import Done
from market.payments.rules import LATER, LONGEST_BOND, POLLS, Kind, State, request_number


async def ask_onboarding(sub_merchant_id: UUID, *, gateway: Gateway, now: datetime) -> None:
    row = await fetch_one(
        "SELECT order_id, organisation_id FROM sub_merchant WHERE id = $1 AND state = 'reviewing'", sub_merchant_id
    )
    if row is None:
        return
    found = await gateway.onboarded(row["order_id"], now=now)
    status, smid = (found.node.get("status"), found.node.get("ip_role_id")) if isinstance(found, Done) else (None, None)
    async with transaction():
        if status == "99" and smid:
            await execute(
                "UPDATE sub_merchant SET state = 'active', smid = $2, answered_at = $3, ask_at = NULL WHERE id = $1 AND state = 'reviewing'",
                sub_merchant_id, smid, now,
            )  # fmt: skip
            await tell(
                row["organisation_id"], N_("Your Alipay account is confirmed: payments to you can be secured."),
                link="/payments/account", cause=f"payment.account:{smid}", facts={}, now=now,
            )  # fmt: skip
        elif status == "-1":
            await execute(
                "UPDATE sub_merchant SET state = 'refused', answered_at = $2, ask_at = NULL WHERE id = $1",
                sub_merchant_id,
                now,
            )
        else:
            await execute("UPDATE sub_merchant SET ask_at = $2 WHERE id = $1", sub_merchant_id, now + POLLS[0])


async def ask_held(payment_id: UUID, *, gateway: Gateway, now: datetime) -> None:
    """Money that Alipay settled by itself: the ledger says so too, and somebody looks at it."""
    payment = await read_payment(payment_id)
    found = await gateway.trade(payment.out_trade_no, now=now)
    moved = settled_amount(found.node) if isinstance(found, Done) else 0
    async with transaction():
        payable, payment = await lock_payment(payment_id)
        if moved and payment.state is State.HELD and moved == payment.left_fen and not payment.reserved_fen:
            await execute("UPDATE payment SET reserved_fen = $2 WHERE id = $1", payment.id, moved)
            await book_settlement(payable, payment, f"auto:{payment.trade_no}", moved, now=now)
            await raise_alarm("settled_itself", payment.out_trade_no, {"amount_fen": moved}, now=now)
        elif payment.state is State.HELD:
            await execute("UPDATE payment SET poll_at = $2 WHERE id = $1", payment_id, now + LATER)


async def ask_bond(
    *, reference: str, agency_id: UUID, beneficiary_id: UUID, title: str, total_fen: int, now: datetime
) -> UUID:
    """Asks an agency for a pre-authorised bond, inside the caller's transaction."""
    bond_id = new_id()
    await execute(
        "INSERT INTO bond (id, reference, agency_id, beneficiary_id, title, total_fen, order_no, state, created_at, expires_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,'asked',$8,$9)",
        bond_id, reference, agency_id, beneficiary_id, title, total_fen, f"B{bond_id.hex}", now, now + LONGEST_BOND,
    )  # fmt: skip
    await want(Kind.FREEZE, title, bond_id=bond_id, amount_fen=total_fen, now=now)
    return bond_id


async def ask_frozen(bond_id: UUID, *, gateway: Gateway, now: datetime) -> None:
    bond = await read_bond(bond_id)
    row = await fetch_one("SELECT id FROM instruction WHERE bond_id = $1 AND kind = 'freeze'", bond_id)
    assert row is not None
    found = await gateway.authorisation(bond.order_no, request_number(Kind.FREEZE, row["id"]), "FREEZE", now=now)
    async with transaction():
        bond = await lock_bond(bond_id)
        if bond.state != "asked":
            return
        if isinstance(found, Done) and found.node.get("status") == "SUCCESS":
            auth_no = str(found.node["auth_no"])
            await execute(
                "UPDATE bond SET state = 'frozen', auth_no = $2, frozen_at = $3, poll_at = expires_at WHERE id = $1",
                bond_id,
                auth_no,
                now,
            )
            await post([Entry(
                f"freeze:{auth_no}", "freeze", ledger.bond_frozen(bond_id), ledger.bond_claim(bond_id), bond.total_fen, auth_no,
                now, bond_id=bond_id,
            )], now=now)  # fmt: skip
        else:
            await execute("UPDATE bond SET poll_at = $2 WHERE id = $1", bond_id, now + POLLS[2])


async def move_bond(bond_id: UUID, kind: Kind, amount_fen: int, *, reason: str, by: UUID | None, now: datetime) -> UUID:
    """Unfreezes or captures a part of a bond, inside the caller's transaction. Raises Refusal beyond what is left, and
    once the authorisation is over: an expired freeze holds nothing."""
    bond = await lock_bond(bond_id)
    if bond.state != "frozen" or now >= bond.expires_at:
        raise Refusal("payments.bond_not_frozen", N_("This bond is not frozen, so nothing of it can be moved."))
    if amount_fen > bond.left_fen:
        raise Refusal("payments.bond_too_small", N_("Only {left} of this bond is left."), left=Money(bond.left_fen))
    await execute("UPDATE bond SET reserved_fen = reserved_fen + $2 WHERE id = $1", bond_id, amount_fen)
    return await want(kind, reason, bond_id=bond_id, amount_fen=amount_fen, by=by, now=now)


async def expire_bond(bond_id: UUID, *, now: datetime) -> None:
    async with transaction():
        bond = await lock_bond(bond_id)
        if bond.state == "frozen" and now >= bond.expires_at:
            await execute("UPDATE bond SET state = 'expired', poll_at = NULL WHERE id = $1", bond_id)
            await raise_alarm("bond_expires", bond.reference, {"left_fen": bond.left_fen}, now=now)
