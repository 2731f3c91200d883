"""Who gets which answer from the pages of disputes: a GET, or a POST of an empty form with a valid token.

`SITUATIONS` names the state in which the expectations hold: "free" is a contract in force whose milestone nobody disputes,
"mediation" a dispute that the owner opened and the agency answered, "hearing" one whose evidence `regulator` closed and both
sides spoke about, with a proposal of the agency that waits for the owner.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
_SIDES = ("owner", "colleague", "winning_agency")


def _only(rest: int, anonymous: int, **allowed: int) -> Expected:
    return {viewer: allowed.get(viewer, anonymous if viewer == "anonymous" else rest) for viewer in ALL}


def concerned(answer: int, *, anonymous: int) -> Expected:
    """Both sides, the operator, and the regulator of this field."""
    allowed = dict.fromkeys((*_SIDES, "operator", "regulator"), answer)
    return _only(404, anonymous, **allowed, expert=403)


def sides(answer: int, *, anonymous: int, **others: int) -> Expected:
    return _only(403, anonymous, **{**dict.fromkeys(_SIDES, answer), "other_owner": 404, "other_agency": 404, **others})


def operator(answer: int, *, anonymous: int) -> Expected:
    return _only(403, anonymous, operator=answer)


def authority(answer: int, *, anonymous: int) -> Expected:
    return _only(403, anonymous, regulator=answer, regulator_out_of_scope=404)


OPENING = "/contracts/{number:str}/milestones/{no:int}/dispute"
CASE = "/disputes/{number:str}"
FREE: dict[tuple[str, str], Expected] = {
    # A colleague without the role of signatory binds nobody.
    ("GET", OPENING): sides(200, anonymous=303, colleague=403),
    ("POST", OPENING): sides(422, anonymous=401, colleague=403),
    ("GET", "/disputes"): _only(200, 303, expert=403),
}
MEDIATION: dict[tuple[str, str], Expected] = {
    ("GET", CASE): concerned(200, anonymous=303),
    ("GET", f"{CASE}/files/{{file_id:uuid}}"): concerned(200, anonymous=303),
    # Nothing is decided yet.
    ("GET", f"{CASE}/letter"): concerned(404, anonymous=303),
    # It was answered.
    ("GET", f"{CASE}/answer"): sides(409, anonymous=303),
    ("POST", f"{CASE}/answer"): sides(409, anonymous=401),
    ("GET", f"{CASE}/evidence"): sides(200, anonymous=303),
    ("POST", f"{CASE}/evidence"): sides(422, anonymous=401),
    ("GET", f"{CASE}/withdrawal"): sides(200, anonymous=303, colleague=403, winning_agency=404),
    ("GET", f"{CASE}/proposal"): sides(200, anonymous=303, colleague=403, operator=200),
    ("POST", f"{CASE}/proposal"): sides(422, anonymous=401, colleague=403, operator=422),
    ("GET", f"{CASE}/referral"): operator(200, anonymous=303),
    ("POST", f"{CASE}/referral"): operator(422, anonymous=401),
    ("POST", f"{CASE}/taking"): operator(303, anonymous=401),
    # The regulator is not on turn.
    ("GET", f"{CASE}/hearing"): authority(409, anonymous=303),
    ("POST", f"{CASE}/hearing"): authority(409, anonymous=401),
    # Nothing is carried out yet.
    ("POST", f"{CASE}/retry"): operator(409, anonymous=401),
    ("POST", f"{CASE}/transfer"): _only(403, 401, winning_agency=422, other_agency=404),
    ("POST", f"{CASE}/transfer-answer"): _only(403, 401, owner=422, colleague=422, other_owner=404),
}
HEARING: dict[tuple[str, str], Expected] = {
    # The proposal is the agency's own.
    ("GET", f"{CASE}/reply"): sides(200, anonymous=303, colleague=403, winning_agency=409),
    ("POST", f"{CASE}/reply"): sides(422, anonymous=401, colleague=403, winning_agency=409),
    # Both sides have spoken.
    ("GET", f"{CASE}/last-word"): sides(409, anonymous=303),
    ("POST", f"{CASE}/last-word"): sides(409, anonymous=401),
    ("GET", f"{CASE}/ruling"): authority(200, anonymous=303),
    ("POST", f"{CASE}/ruling"): authority(422, anonymous=401),
    # The last of all: it ends the dispute.
    ("POST", f"{CASE}/withdrawal"): sides(409, anonymous=401, owner=303, colleague=403, winning_agency=404),
}
SITUATIONS = {"free": FREE, "mediation": MEDIATION, "hearing": HEARING}
EXPECTATIONS: dict[tuple[str, str], Expected] = FREE | MEDIATION | HEARING
