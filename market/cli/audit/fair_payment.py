"""Late payments, the yearly lists of them, and invoices."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, Facts, canonical_sha256, fingerprint_of

_OWED = (
    "FROM payable p JOIN payment_term k ON k.payable_id = p.id JOIN contract c ON c.id = k.contract_id"
    " JOIN organisation o ON o.id = p.payer_id JOIN organisation a ON a.id = p.payee_id"
)
_SAID = "SELECT p.subject, c.number AS contract, p.reference AS payable"
_PARTIES = "o.code AS owner, a.code AS agency"


_fingerprint = fingerprint_of("rows", canonical_sha256)


def _counted(facts: Facts) -> Facts:
    """The sums are counted anew from the rows that are stored as well."""
    rows = facts["rows"]
    return _fingerprint(facts | {"payments": len(rows), "unpaid_fen": sum(row["unpaid_fen"] for row in rows)})


COMPARERS = (
    Comparer(
        "payment.overdue", "overdue_step", ("payable", "days"),
        sql=f"{_SAID}, {_PARTIES}, s.recorded_at AS at, v.due_at, s.days, s.unpaid_fen, s.interest_fen {_OWED}"
        " JOIN overdue_payment v ON v.payable_id = p.id JOIN overdue_step s ON s.payable_id = p.id",
    ),
    Comparer(
        "payment.overdue_ended", "overdue_payment", ("payable",),
        sql=f"{_SAID}, {_PARTIES}, v.ended_at AS at, v.ended AS how, v.late_days, v.interest_fen {_OWED}"
        " JOIN overdue_payment v ON v.payable_id = p.id WHERE v.ended_at IS NOT NULL",
    ),
    Comparer(
        "payment.overdue_listed", "overdue_list", ("subject",), json=("rows",), adjust=_counted,
        sql="SELECT l.year::text AS subject, l.published_at AS at, l.rows, l.sha256 FROM overdue_list l",
    ),
    Comparer(
        "invoice.handed_in", "invoice", ("payable", "no"),
        sql=f"{_SAID}, a.code AS by, i.no, i.handed_in_at AS at, i.amount_fen, i.issued_on, f.sha256 {_OWED}"
        " JOIN invoice i ON i.payable_id = p.id JOIN stored_file f ON f.id = i.file_id",
    ),
    Comparer(
        "invoice.confirmed", "invoice", ("payable", "no"),
        sql=f"{_SAID}, o.code AS by, i.no, i.answered_at AS at {_OWED} JOIN invoice i ON i.payable_id = p.id WHERE i.answer = 'confirmed'",
    ),
    Comparer(
        "invoice.returned", "invoice", ("payable", "no"),
        sql=f"{_SAID}, o.code AS by, i.no, i.answered_at AS at, i.answer_reason AS reason {_OWED}"
        " JOIN invoice i ON i.payable_id = p.id WHERE i.answer = 'returned'",
    ),
)  # fmt: skip
