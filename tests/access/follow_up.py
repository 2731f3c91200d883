"""Who gets which answer from the pages of follow-up calls: a GET, or a POST of an empty form with a valid token."""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def operator(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "operator": answer, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/follow-up"): dict.fromkeys(ALL, 200),
    ("GET", "/operator/follow-up"): operator(200, anonymous=303),
    ("GET", "/operator/follow-up/{number:str}"): operator(200, anonymous=303),
    ("POST", "/operator/follow-up/{number:str}"): operator(422, anonymous=401),
}  # fmt: skip
