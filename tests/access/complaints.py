"""Who gets which answer from the pages of complaints: a GET, or a POST of an empty form with a valid token.

`SITUATIONS` names the state in which the expectations hold: "answered" is an objection of `other_agency` that was
rejected, "accepted" its complaint about that answer, which `regulator` took up.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def _only(rest: int, anonymous: int, **allowed: int) -> Expected:
    return {viewer: allowed.get(viewer, anonymous if viewer == "anonymous" else rest) for viewer in ALL}


def entitled(answer: int, *, anonymous: int) -> Expected:
    """Whoever objected, and the owner; the winner only where its result was annulled."""
    return _only(
        403, anonymous, owner=answer, colleague=answer, other_agency=answer, winning_agency=404, other_owner=404
    )


def concerned(answer: int, *, anonymous: int) -> Expected:
    """The parties, the operator, and the regulator of this field."""
    return _only(
        404, anonymous, owner=answer, colleague=answer, winning_agency=answer, other_agency=answer, operator=answer,
        regulator=answer, expert=403,
    )  # fmt: skip


def complainant(answer: int, *, anonymous: int) -> Expected:
    return _only(403, anonymous, other_agency=answer, owner=404, colleague=404, other_owner=404, winning_agency=404)


def authority(answer: int, *, anonymous: int) -> Expected:
    return _only(403, anonymous, regulator=answer, regulator_out_of_scope=404)


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/objections/{objection_id:uuid}/complaint"): entitled(200, anonymous=303),
    ("POST", "/objections/{objection_id:uuid}/complaint"): entitled(422, anonymous=401),
    ("GET", "/complaints/{complaint_id:uuid}"): concerned(200, anonymous=303),
    # Nothing is decided yet.
    ("GET", "/complaints/{complaint_id:uuid}/letter"): concerned(404, anonymous=303),
    # Evidence is not for the other side.
    ("GET", "/complaints/{complaint_id:uuid}/files/{file_id:uuid}"): _only(
        404, 303, other_agency=200, operator=200, regulator=200),
    # It was not returned.
    ("GET", "/complaints/{complaint_id:uuid}/correction"): complainant(409, anonymous=303),
    ("POST", "/complaints/{complaint_id:uuid}/correction"): complainant(409, anonymous=401),
    ("GET", "/regulator/complaints"): _only(403, 303, regulator=200, regulator_out_of_scope=200),
    # It was examined.
    ("GET", "/complaints/{complaint_id:uuid}/examination"): authority(409, anonymous=303),
    ("POST", "/complaints/{complaint_id:uuid}/examination"): authority(409, anonymous=401),
    ("GET", "/complaints/{complaint_id:uuid}/extension"): authority(200, anonymous=303),
    ("POST", "/complaints/{complaint_id:uuid}/extension"): authority(422, anonymous=401),
    ("GET", "/complaints/{complaint_id:uuid}/decision"): authority(200, anonymous=303),
    ("POST", "/complaints/{complaint_id:uuid}/decision"): authority(422, anonymous=401),
    ("POST", "/complaints/{complaint_id:uuid}/withdraw"): complainant(303, anonymous=401),
}  # fmt: skip
SITUATIONS: dict[tuple[str, str], str] = {
    key: "answered" if key[1].startswith("/objections") else "accepted" for key in EXPECTATIONS
}
