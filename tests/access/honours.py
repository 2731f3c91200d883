"""Who gets which answer from the pages of honours, and from striking a rating: a GET, or a POST of an empty form. The
regulator watches over the agency that proposed the honour and over the project that was rated."""

from __future__ import annotations

Expected = dict[str, int]
ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def signed_in(anonymous: int, *, otherwise: int = 403, **answers: int) -> Expected:
    return {**dict.fromkeys(ALL, otherwise), **answers, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/credit/honours"): signed_in(303, winning_agency=200, other_agency=200),
    ("POST", "/credit/honours"): signed_in(401, winning_agency=422, other_agency=422),
    ("GET", "/regulator/honours"): signed_in(303, regulator=200, regulator_out_of_scope=200, operator=200),
    ("GET", "/regulator/honours/{honour_id:uuid}"): signed_in(
        303, regulator=200, regulator_out_of_scope=404, operator=200
    ),
    ("POST", "/regulator/honours/{honour_id:uuid}"): signed_in(
        401, regulator=422, regulator_out_of_scope=404, operator=422
    ),
    # The honour still waits; what was never accepted cannot be withdrawn.
    ("GET", "/regulator/honours/{honour_id:uuid}/withdraw"): signed_in(
        303, regulator=409, regulator_out_of_scope=404, operator=409
    ),
    ("POST", "/regulator/honours/{honour_id:uuid}/withdraw"): signed_in(
        401, regulator=409, regulator_out_of_scope=404, operator=409
    ),
    ("GET", "/honours/{honour_id:uuid}/certificate"): signed_in(
        303, winning_agency=200, other_agency=404, regulator=200, regulator_out_of_scope=404, operator=200
    ),
    ("GET", "/ratings/{rating_id:uuid}/strike"): signed_in(
        303, regulator=200, regulator_out_of_scope=404, operator=200
    ),
    ("POST", "/ratings/{rating_id:uuid}/strike"): signed_in(
        401, regulator=422, regulator_out_of_scope=404, operator=422
    ),
}
