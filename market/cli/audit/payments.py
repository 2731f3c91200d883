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
_BOND = "SELECT d.subject, d.reference AS contract"
_MOVED = f"{_BOND}, e.posted_at AS at, e.amount_fen FROM ledger_entry e JOIN bond b ON b.id = e.bond_id JOIN bond_demand d ON d.id = b.demand_id WHERE e.kind = "
_MOVED_KEY = ("contract", "at", "amount_fen")
_GUARANTEES = (
    f"{_BOND}, g.answered_at AS at, g.amount_fen, g.valid_until, o.code AS by FROM bank_guarantee g JOIN bond_demand d ON d.id = g.demand_id"
    " JOIN organisation o ON o.id = d.beneficiary_id WHERE g.answer = "
)
_CLAIMS = f"{_BOND}, c.no%s FROM bond_claim c JOIN bond_demand d ON d.id = c.demand_id"
_CLAIM_KEY = ("contract", "no")
BOND_COMPARERS = (
    Comparer(
        "bond.demanded", "bond_demand", ("contract",),
        # Where the last payment turned out too large to be held back, a guarantee took its place later.
        sql=f"{_BOND}, d.demanded_at AS at, d.amount_fen, o.code AS by FROM bond_demand d JOIN organisation o ON o.id = d.beneficiary_id",
    ),
    Comparer(
        "bond.ended", "bond_demand", ("contract",),
        sql=f"{_BOND}, d.ended_at AS at, d.ended AS how FROM bond_demand d WHERE d.ended_at IS NOT NULL",
    ),
    Comparer("bond.frozen", "ledger_entry", _MOVED_KEY, sql=f"{_MOVED} 'freeze'"),
    Comparer("bond.unfrozen", "ledger_entry", _MOVED_KEY, sql=f"{_MOVED} 'unfreeze'"),
    Comparer("bond.captured", "ledger_entry", _MOVED_KEY, sql=f"{_MOVED} 'capture'"),
    Comparer(
        "bond.expired", "bond", ("contract", "at"),
        sql=f"{_BOND}, b.expired_at AS at, b.total_fen - b.unfrozen_fen - b.captured_fen AS amount_fen FROM bond b"
        " JOIN bond_demand d ON d.id = b.demand_id WHERE b.expired_at IS NOT NULL",
    ),
    Comparer("bond.guaranteed", "bank_guarantee", ("contract", "at"), sql=f"{_GUARANTEES} 'confirmed'"),
    Comparer("bond.guarantee_refused", "bank_guarantee", ("contract", "at"), sql=f"{_GUARANTEES} 'refused'"),
    Comparer("bond.claimed", "bond_claim", _CLAIM_KEY, sql=_CLAIMS % ", c.claimed_at AS at, c.amount_fen"),
    Comparer(
        "bond.claim_answered", "bond_claim", _CLAIM_KEY,
        sql=f"{_CLAIMS % ', c.answered_at AS at, c.answer'} WHERE c.answer IS NOT NULL",
    ),
    Comparer(
        "bond.claim_ruled", "bond_claim", _CLAIM_KEY,
        sql=f"{_CLAIMS % ', c.ruled_at AS at, c.granted_fen'} WHERE c.ruled_at IS NOT NULL",
    ),
)  # fmt: skip
_REQUESTS = f"{_SAID}, r.amount_fen, %s FROM refund_request r JOIN payable p ON p.id = r.payable_id"
COMPARERS = (
    *BOND_COMPARERS,
    Comparer("refund.asked", "refund_request", _KEY, sql=_REQUESTS % "r.asked_at AS at"),
    Comparer(
        "refund.answered", "refund_request", _KEY,
        sql=f"{_REQUESTS % 'r.answered_at AS at, r.answer'} WHERE r.answer <> 'overtaken'",
    ),
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
