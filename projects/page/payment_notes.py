"""What the entries of late payments and invoices add to the history of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money

Note = Callable[[Mapping[str, Any], Mapping[str, str]], Message | None]
ICONS: Final = {
    "payment.made": "cash", "payment.released": "cash", "payment.refunded": "cash", "payment.by_bank": "building-bank",
    "payment.overdue": "alert-triangle", "payment.overdue_ended": "circle-check", "invoice.handed_in": "receipt",
    "invoice.confirmed": "receipt", "invoice.returned": "rotate-clockwise",
}  # fmt: skip


def _amount(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message("{payable}: {amount}", {"payable": data["payable"], "amount": Money(data["amount_fen"])})


def _overdue(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    facts = {
        "payable": data["payable"], "days": data["days"], "unpaid": Money(data["unpaid_fen"]),
        "interest": Money(data["interest_fen"]),
    }  # fmt: skip
    return Message(N_("{payable}: {days} days late, {unpaid} unpaid, {interest} interest."), facts)


def _ended(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    facts = {"payable": data["payable"], "days": data["late_days"], "interest": Money(data["interest_fen"])}
    if data["how"] == "paid":
        return Message(N_("{payable}: paid {days} days late, {interest} interest."), facts)
    return Message(N_("{payable}: no longer owed; it was {days} days late, {interest} interest."), facts)


def _returned(data: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    return Message("{payable}: {reason}", {"payable": data["payable"], "reason": data["reason"]})


NOTES: Final[Mapping[str, Note]] = {
    "payment.made": _amount, "payment.released": _amount, "payment.refunded": _amount, "payment.by_bank": _amount,
    "payment.overdue": _overdue, "payment.overdue_ended": _ended, "invoice.handed_in": _amount, "invoice.returned": _returned,
}  # fmt: skip
