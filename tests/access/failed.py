"""Who may name an agency after failed selections: the project of `owner` failed twice. A GET, or a POST of an empty form
with a valid token."""

from __future__ import annotations

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def _own(answer: int, *, anonymous: int) -> dict[str, int]:
    return {
        **dict.fromkeys(ALL, 403), "owner": answer, "colleague": answer, "other_owner": 404, "anonymous": anonymous,
    }  # fmt: skip


EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/projects/{number:str}/pick"): _own(200, anonymous=303),
    ("POST", "/projects/{number:str}/pick"): _own(422, anonymous=401),
}
