"""Money: each entry of the ledger that everybody may know of, and the rows that must follow from entries."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer
from market.payments.queries import faults_of_the_ledger
from market.register.audit import Finding

_SAID = "SELECT p.subject, regexp_replace(p.reference, '-[^-]*$', '') AS contract, p.reference AS payable"
# By the entry's own time too: a milestone whose money went back may be paid again.
_KEY = ("payable", "at")
# What Alipay told of: a bill or a notify names a moment of its own, the register the one at which it was booked.
_BOOKED = (
    f"{_SAID}, e.posted_at AS at, e.amount_fen FROM ledger_entry e JOIN payment t ON t.id = e.payment_id"
    " JOIN payable p ON p.id = t.payable_id WHERE e.kind = "
)
COMPARERS = (
    Comparer("payment.made", "ledger_entry", _KEY, sql=f"{_BOOKED} 'paid'"),
    Comparer("payment.released", "ledger_entry", _KEY, sql=f"{_BOOKED} 'settle'"),
    Comparer("payment.refunded", "ledger_entry", _KEY, sql=f"{_BOOKED} 'refund'"),
    Comparer(
        "payment.by_bank", "bank_transfer", _KEY,
        sql=f"{_SAID}, b.answered_at AS at, b.amount_fen, a.code AS by FROM bank_transfer b JOIN payable p ON p.id = b.payable_id"
        " JOIN organisation a ON a.id = p.payee_id WHERE b.answer = 'confirmed'",
    ),
)  # fmt: skip


async def check_books() -> list[Finding]:
    """Payments, balances, promises and bonds that their entries do not give."""
    return [Finding("altered", "ledger", about, what) for what, _, about in map(_parted, await faults_of_the_ledger())]


def _parted(fault: str) -> tuple[str, str, str]:
    return fault.partition(": ")
