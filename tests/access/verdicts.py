"""Who may record what approval authorities said: a project of `owner` whose report was accepted, with a first verdict.
A GET, or a POST of an empty form with a valid token."""

from __future__ import annotations

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def _regulators(answer: int, *, outside: int, anonymous: int) -> dict[str, int]:
    return {**dict.fromkeys(ALL, 403), "regulator": answer, "regulator_out_of_scope": outside, "anonymous": anonymous}


def _concerned() -> dict[str, int]:
    concerned = ("owner", "colleague", "winning_agency", "regulator", "operator")
    return {**dict.fromkeys(ALL, 404), **dict.fromkeys(concerned, 200), "anonymous": 303}


EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/regulator/verdicts"): _regulators(200, outside=200, anonymous=303),
    ("GET", "/projects/{number:str}/verdicts"): _regulators(200, outside=404, anonymous=303),
    ("POST", "/projects/{number:str}/verdicts"): _regulators(422, outside=404, anonymous=401),
    ("GET", "/projects/{number:str}/verdicts/{no:int}"): _regulators(200, outside=404, anonymous=303),
    ("POST", "/projects/{number:str}/verdicts/{no:int}"): _regulators(422, outside=404, anonymous=401),
    ("GET", "/verdicts/{verdict_id:uuid}/letter"): _concerned(),
}
