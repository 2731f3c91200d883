"""What is asked of Alipay from time to time: onboardings under review, money held for very long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import execute, fetch_one, transaction
from market.kernel.i18n import N_
from market.payments.actions.accounts import refuse
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.handlings import book_settlement
from market.payments.actions.rows import lock_payment, read_payment
from market.payments.alipay.gateway import Gateway, settled_amount
from market.payments.alipay.outcome import Done
from market.payments.rules import LATER, POLLS, State


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
            assert isinstance(found, Done)
            await refuse(sub_merchant_id, str(found.node.get("reason") or ""), now=now)
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
