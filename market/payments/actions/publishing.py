"""What everybody may know of a contract's money: that a milestone was paid, given on or paid back, and how much it was.

Amounts of milestones are public with the contract. Accounts, Alipay's numbers and bank references never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from market.payments.actions.rows import Payable
from market.register.actions import record


async def record_movement(
    kind: str, payable: Payable, amount_fen: int, *, at: datetime, by: str = "market",
    private: Mapping[str, Any] | None = None, **facts: str,
) -> None:  # fmt: skip
    """One entry about one milestone's money, inside the caller's transaction. `at`: when it was booked here."""
    data = {"contract": payable.contract, "payable": payable.reference, "amount_fen": amount_fen, **facts}
    await record(kind, subject=payable.subject, by=by, data=data, at=at, private=private)
