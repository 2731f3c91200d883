"""What makes an invoice right: computed from the invoice, the payment it is for, and the owner it names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.payments.terms import rate_text

KINDS = {"ordinary": N_("ordinary VAT invoice"), "special": N_("special VAT invoice")}
# Fully digital invoices carry a number of twenty digits and no code; the older ones a code of ten or twelve and eight digits.
NUMBER = re.compile(r"[0-9]{8}|[0-9]{20}")
CODE = re.compile(r"[0-9]{10}|[0-9]{12}")
DIGITAL = 20
_ALIKE = str.maketrans("（）【】", "()[]")


@dataclass(frozen=True)
class Invoice:
    """As it stands on the paper. `tax_rate`: basis points; `amount_fen`: taxes included."""

    kind: str
    code: str
    number: str
    issued_on: date
    buyer_name: str
    buyer_code: str
    amount_fen: int
    net_fen: int
    tax_fen: int
    tax_rate: int


@dataclass(frozen=True)
class Expected:
    """`buyer_code`: None where the owner is a natural person. `tolerance_fen`: by which a tax may differ from its rate."""

    amount_fen: int
    buyer_name: str
    buyer_code: str | None
    tolerance_fen: int


@dataclass(frozen=True)
class Check:
    label: str
    passed: bool
    found: Message


def checks(invoice: Invoice, expected: Expected, *, handed_in: date, used: bool) -> tuple[Check, ...]:
    """Every line of the check list, in the order of the paper. `used`: the market knows this invoice already."""
    return tuple(_checks(invoice, expected, handed_in, used))


def _checks(invoice: Invoice, expected: Expected, handed_in: date, used: bool) -> Iterator[Check]:
    amounts = {"amount": Money(invoice.amount_fen), "owed": Money(expected.amount_fen)}
    yield Check(
        N_("The amount is that of the payment"), invoice.amount_fen == expected.amount_fen,
        Message(N_("invoice {amount}, payment {owed}"), amounts),
    )  # fmt: skip
    parts = {
        "net": Money(invoice.net_fen),
        "tax": Money(invoice.tax_fen),
        "sum": Money(invoice.net_fen + invoice.tax_fen),
    }
    yield Check(
        N_("Net amount and tax add up"), adds_up(invoice), Message(N_("{net} + {tax} = {sum}"), parts),
    )  # fmt: skip
    by_rate = Money(invoice.net_fen).share(invoice.tax_rate)
    yield Check(
        N_("The tax follows from its rate"), abs(by_rate.fen - invoice.tax_fen) <= expected.tolerance_fen,
        Message(N_("{rate} of the net amount is {tax}"), {"rate": rate_text(invoice.tax_rate), "tax": by_rate}),
    )  # fmt: skip
    yield Check(
        N_("The buyer is the owner"), same_name(invoice.buyer_name, expected.buyer_name),
        Message("{name}", {"name": invoice.buyer_name}),
    )  # fmt: skip
    right_code = expected.buyer_code is None or invoice.buyer_code == expected.buyer_code
    yield Check(
        N_("The buyer's tax code is the owner's"), right_code, Message("{code}", {"code": invoice.buyer_code or "—"})
    )
    name = f"{invoice.code} {invoice.number}".strip()
    yield Check(N_("The invoice was not used before"), not used, Message("{number}", {"number": name}))
    yield Check(
        N_("The day of issue has come"), invoice.issued_on <= handed_in, Message("{day}", {"day": invoice.issued_on})
    )


def adds_up(invoice: Invoice) -> bool:
    return invoice.net_fen + invoice.tax_fen == invoice.amount_fen


def same_name(one: str, other: str) -> bool:
    """Spaces and the width of brackets do not tell names apart."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(name.split()).translate(_ALIKE)
