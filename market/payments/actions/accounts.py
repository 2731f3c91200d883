"""What Alipay says of an account after it was applied for: refused, frozen, working again."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import fetch, fetch_one, require_transaction, transaction
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.trades import settle_if_ready

BLOCKED: Final = frozenset({"ACQ.SELLER_BEEN_BLOCKED", "SELLER_BEEN_BLOCKED"})
_LONGEST: Final = 300


async def refuse(sub_merchant_id: UUID, reason: str, *, now: datetime) -> None:
    """Alipay does not take the account; its reason is shown. In the caller's transaction."""
    require_transaction()
    row = await fetch_one(
        "UPDATE sub_merchant SET state = 'refused', answered_at = $2, ask_at = NULL, refusal = $3"
        " WHERE id = $1 AND state IN ('asked', 'reviewing') RETURNING organisation_id", sub_merchant_id, now, reason[:_LONGEST],
    )  # fmt: skip
    if row is not None:
        await tell(
            row["organisation_id"], N_("Alipay did not take your account: see why, and register again."),
            link="/payments/account", cause=f"payment.account_refused:{sub_merchant_id}:{now:%Y%m%d%H%M%S}", facts={}, now=now,
        )  # fmt: skip


async def freeze(smid: str, *, now: datetime) -> None:
    """Alipay froze the account: nothing is paid into it or released to it until it works again. In the caller's
    transaction."""
    require_transaction()
    row = await fetch_one(
        "UPDATE sub_merchant SET state = 'frozen', answered_at = $2 WHERE smid = $1 AND state = 'active' RETURNING organisation_id",
        smid, now,
    )  # fmt: skip
    if row is not None:
        await raise_alarm("account_frozen", f"{smid}/{now:%Y%m%d%H%M%S}", {"smid": smid}, now=now)
        await tell(
            row["organisation_id"], N_("Alipay froze your account: payments to you wait until it works again."),
            link="/payments/account", cause=f"payment.account_frozen:{smid}:{now:%Y%m%d%H%M%S}", facts={}, now=now,
        )  # fmt: skip


async def set_frozen(sub_merchant_id: UUID, *, now: datetime) -> None:
    """The operator learned from Alipay that an account is frozen. Raises NotFound where none works."""
    async with transaction():
        row = await fetch_one("SELECT smid FROM sub_merchant WHERE id = $1 AND state = 'active'", sub_merchant_id)
        if row is None:
            raise NotFound
        await freeze(row["smid"], now=now)


async def set_working(sub_merchant_id: UUID, *, now: datetime) -> None:
    """It works again: what was to be released to it is. Raises NotFound where none is frozen."""
    async with transaction():
        row = await fetch_one(
            "UPDATE sub_merchant SET state = 'active', answered_at = $2 WHERE id = $1 AND state = 'frozen' RETURNING organisation_id",
            sub_merchant_id, now,
        )  # fmt: skip
        if row is None:
            raise NotFound
        waiting = await fetch(
            "SELECT t.id FROM payment t JOIN payable p ON p.id = t.payable_id WHERE p.payee_id = $1 AND t.state = 'held'"
            " AND p.release_at IS NOT NULL ORDER BY p.id, t.id", row["organisation_id"],
        )  # fmt: skip
        for one in waiting:
            await settle_if_ready(one["id"], now=now)
        await tell(
            row["organisation_id"], N_("Your Alipay account works again: payments to you go on."), link="/payments/account",
            cause=f"payment.account_works:{sub_merchant_id}:{now:%Y%m%d%H%M%S}", facts={}, now=now,
        )  # fmt: skip
