"""Who gets which answer from the pages of money: a GET, or a POST of an empty form with a valid token. The payment that
is asked for is the contract's between "owner" and "winning_agency"; it is held by Alipay, nothing more is to be paid."""

from __future__ import annotations

Expected = dict[str, int]
ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def both_sides(answer: int = 200, *, operator: int) -> Expected:
    """Owner and agency of the contract; other owners and agencies find nothing, other kinds may not ask."""
    allowed = dict.fromkeys(("owner", "colleague", "winning_agency"), answer)
    return {
        **dict.fromkeys(ALL, 403),
        **allowed,
        "other_owner": 404,
        "other_agency": 404,
        "operator": operator,
        "anonymous": 303,
    }


def payer(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "owner": answer, "colleague": answer, "other_owner": 404, "anonymous": anonymous}


def any_party(answer: int, *, colleague: int, anonymous: int) -> Expected:
    """Owners and agencies; an owner's colleague without the role of signatory may read only."""
    mine = dict.fromkeys(("owner", "other_owner", "winning_agency", "other_agency"), answer)
    return {**dict.fromkeys(ALL, 403), **mine, "colleague": colleague, "anonymous": anonymous}


def operator_alone(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "operator": answer, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    # Alipay alone is believed here, and by its signature.
    ("POST", "/payments/alipay/notify"): dict.fromkeys(ALL, 400),
    ("GET", "/payments/alipay/return"): dict.fromkeys(ALL, 303),
    ("GET", "/payments"): {**dict.fromkeys(ALL, 403), **dict.fromkeys(
        ("owner", "colleague", "other_owner", "winning_agency", "other_agency"), 200), "anonymous": 303},
    ("GET", "/payments/account"): any_party(200, colleague=200, anonymous=303),
    ("POST", "/payments/account"): any_party(422, colleague=403, anonymous=401),
    ("GET", "/payments/{reference:str}"): both_sides(operator=200),
    ("POST", "/payments/{reference:str}/trades"): payer(422, anonymous=401),
    ("GET", "/payments/{reference:str}/cashier"): payer(409, anonymous=303),
    ("POST", "/payments/{reference:str}/transfer"): payer(422, anonymous=401),
    ("POST", "/payments/{reference:str}/transfer-answer"): {
        **dict.fromkeys(ALL, 403), "winning_agency": 422, "other_agency": 404, "anonymous": 401},
    ("GET", "/payments/{reference:str}/proof"): both_sides(404, operator=404),
    ("POST", "/payments/{reference:str}/refund-requests"): payer(422, anonymous=401),
    ("POST", "/payments/{reference:str}/refund-requests/withdraw"): payer(404, anonymous=401),
    ("POST", "/payments/{reference:str}/refund-requests/answer"): {
        **dict.fromkeys(ALL, 403), "winning_agency": 422, "other_agency": 404, "anonymous": 401},
    ("GET", "/operator/payment-accounts"): operator_alone(200, anonymous=303),
    ("POST", "/operator/payment-accounts/{account_id:uuid}/freeze"): operator_alone(404, anonymous=401),
    ("POST", "/operator/payment-accounts/{account_id:uuid}/unfreeze"): operator_alone(404, anonymous=401),
    ("GET", "/operator/payments"): operator_alone(200, anonymous=303),
    ("GET", "/operator/payments/{day:str}"): operator_alone(200, anonymous=303),
    ("POST", "/operator/payments/{day:str}/fetch"): operator_alone(303, anonymous=401),
    ("POST", "/operator/payments/{day:str}/close"): operator_alone(409, anonymous=401),
    ("POST", "/operator/payments/{day:str}/breaks/{break_id:uuid}"): operator_alone(422, anonymous=401),
    ("POST", "/operator/payment-alarms/{alarm_id:uuid}"): operator_alone(422, anonymous=401),
}  # fmt: skip
