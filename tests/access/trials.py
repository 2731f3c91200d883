"""Who gets which answer from the pages of trials: a GET, or a POST of an empty form. The operator alone tries rulebooks."""

from __future__ import annotations

Expected = dict[str, int]
ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def operator(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "operator": answer, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/operator/trials"): operator(200, anonymous=303),
    ("POST", "/operator/trials"): operator(422, anonymous=401),
    ("GET", "/operator/trials/{trial_id:uuid}"): operator(200, anonymous=303),
    ("GET", "/operator/trials/{trial_id:uuid}/moves.csv"): operator(200, anonymous=303),
}
