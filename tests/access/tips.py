"""Who gets which answer from the pages of tips: a GET, or a POST of an empty form with a valid token. The tip is one about
`other_agency`, told by `owner` under its name and taken up by `regulator`."""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def everybody(answer: int) -> Expected:
    return dict.fromkeys(ALL, answer)


def _only(rest: int, anonymous: int, **allowed: int) -> Expected:
    return {viewer: allowed.get(viewer, anonymous if viewer == "anonymous" else rest) for viewer in ALL}


def readers(answer: int, *, anonymous: int) -> Expected:
    return _only(404, anonymous, owner=answer, regulator=answer)


def authority(answer: int, *, anonymous: int) -> Expected:
    return _only(403, anonymous, regulator=answer, regulator_out_of_scope=404, operator=404)


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/tips"): everybody(200),
    ("GET", "/tips/new"): everybody(200),
    ("POST", "/tips/new"): everybody(422),
    ("GET", "/tips/follow-up"): everybody(200),
    ("POST", "/tips/follow-up"): everybody(422),
    ("POST", "/tips/follow-up/messages"): everybody(422),
    ("POST", "/tips/follow-up/withdrawal"): everybody(422),
    ("GET", "/tips/desk"): _only(403, 303, regulator=200, regulator_out_of_scope=200, operator=200),
    # Who could have dealt with it reads who does.
    ("GET", "/tips/{tip_id:uuid}"): _only(404, 303, owner=200, regulator=200, operator=200),
    ("POST", "/tips/{tip_id:uuid}/messages"): readers(422, anonymous=401),
    ("GET", "/tips/{tip_id:uuid}/files/{file_id:uuid}"): readers(200, anonymous=303),
    # It was taken up already.
    ("POST", "/tips/{tip_id:uuid}/taking"): authority(409, anonymous=401),
    ("GET", "/tips/{tip_id:uuid}/handover"): authority(200, anonymous=303),
    ("POST", "/tips/{tip_id:uuid}/handover"): authority(422, anonymous=401),
    ("GET", "/tips/{tip_id:uuid}/answer"): authority(200, anonymous=303),
    ("POST", "/tips/{tip_id:uuid}/answer"): authority(422, anonymous=401),
    # Last: it ends the tip.
    ("POST", "/tips/{tip_id:uuid}/withdrawal"): _only(404, 401, owner=303),
}  # fmt: skip
