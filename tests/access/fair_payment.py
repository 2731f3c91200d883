"""Who gets which answer from the pages of fair payment: a GET, or a POST of an empty form with a valid token. The payment
that is asked for is the contract's between "owner" and "winning_agency"; its work is accepted, and an invoice was handed in for it,
and it was paid late."""

from __future__ import annotations

from tests.access.payments import ALL, Expected

EVERYBODY = dict.fromkeys(ALL, 200)
OWN = {
    **dict.fromkeys(ALL, 200), **dict.fromkeys(("expert", "regulator", "regulator_out_of_scope", "operator"), 403), "anonymous": 303,
}  # fmt: skip


def concerned(answer: int = 200, *, anonymous: int = 303) -> Expected:
    """Both sides, the operator, and the regulators whose field it is."""
    return {
        **dict.fromkeys(ALL, answer),
        **dict.fromkeys(("other_owner", "other_agency", "regulator_out_of_scope"), 404),
        "expert": 403,
        "anonymous": anonymous,
    }


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/payments/{reference:str}/interest"): concerned(),
    ("GET", "/payments/{reference:str}/interest.pdf"): concerned(),
    ("GET", "/payments/{reference:str}/invoice"): concerned(),
    ("POST", "/payments/{reference:str}/invoice"): {
        **dict.fromkeys(ALL, 403), "winning_agency": 422, "other_agency": 404, "anonymous": 401},
    ("POST", "/payments/{reference:str}/invoice/answer"): {
        **dict.fromkeys(ALL, 403), "owner": 422, "colleague": 422, "other_owner": 404, "anonymous": 401},
    ("GET", "/payments/{reference:str}/invoice/{no:int}/file"): concerned(),
    ("GET", "/payments/{reference:str}/receipts/{no:int}"): concerned(),
    ("GET", "/payments/{reference:str}/receipts/{no:int}/receipt.pdf"): concerned(),
    ("GET", "/payments/statement"): OWN,
    ("GET", "/payments/statement.pdf"): OWN,
    ("GET", "/payments/statement.csv"): OWN,
    ("GET", "/owners/{code:str}"): EVERYBODY,
    ("GET", "/overdue"): EVERYBODY,
    ("GET", "/overdue.csv"): EVERYBODY,
    ("GET", "/overdue.json"): EVERYBODY,
    ("GET", "/overdue/{year:int}"): EVERYBODY,
    ("GET", "/overdue/{year:int}/list.csv"): EVERYBODY,
    ("GET", "/overdue/{year:int}/list.json"): EVERYBODY,
}  # fmt: skip
