"""Who gets which answer from the pages of experts: a GET, or a POST of an empty form with a valid token.

`expert` is admitted and was asked to a panel, which is not answered yet: its seat and its code stand in the addresses.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
EVERYBODY: Expected = dict.fromkeys(ALL, 200)


def experts(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "expert": answer, "anonymous": anonymous}


def operators(answer: int, *, anonymous: int, regulator: int = 403, out_of_scope: int = 403) -> Expected:
    return {
        **dict.fromkeys(ALL, 403), "operator": answer, "regulator": regulator, "regulator_out_of_scope": out_of_scope,
        "anonymous": anonymous,
    }  # fmt: skip


SEAT = "/expert/panels/{member_id:uuid}"
FILE = "/operator/experts/{code:str}"
EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/experts"): EVERYBODY,
    ("GET", "/expert/application"): experts(200, anonymous=303),
    ("POST", "/expert/application"): experts(422, anonymous=401),
    ("GET", "/expert/leave"): experts(200, anonymous=303),
    ("POST", "/expert/leave"): experts(422, anonymous=401),
    ("GET", SEAT): experts(200, anonymous=303),
    ("POST", f"{SEAT}/accept"): experts(422, anonymous=401),
    ("POST", f"{SEAT}/decline"): experts(422, anonymous=401),
    ("POST", f"{SEAT}/conflict"): experts(422, anonymous=401),
    # The invitation is not accepted yet.
    ("POST", f"{SEAT}/marks"): experts(409, anonymous=401),
    ("GET", f"{SEAT}/sign"): experts(303, anonymous=303),
    ("POST", f"{SEAT}/sign"): experts(409, anonymous=401),
    ("GET", f"{SEAT}/proposals/{{agency:str}}"): experts(404, anonymous=303),
    ("GET", "/operator/experts"): operators(200, anonymous=303, regulator=200, out_of_scope=200),
    ("GET", FILE): operators(200, anonymous=303, regulator=200, out_of_scope=404),
    ("POST", FILE): operators(422, anonymous=401, regulator=422, out_of_scope=404),
    ("POST", f"{FILE}/exit"): operators(422, anonymous=401),
    ("POST", f"{FILE}/suspension"): operators(422, anonymous=401),
    ("POST", f"{FILE}/training"): operators(422, anonymous=401),
    ("POST", f"{FILE}/assessment"): operators(422, anonymous=401),
    # Nothing is paid for marks that are not signed.
    ("POST", f"{FILE}/panels/{{member_id:uuid}}"): operators(404, anonymous=401),
}
