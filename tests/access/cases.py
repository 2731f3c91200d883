"""Who gets which answer from the pages of cases: a GET, or a POST of an empty form with a valid token.

`SITUATIONS` names the state of the case that stands in a path. The regulator is a colleague of the one who recorded it;
"winning_agency" is the party.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
EVERYBODY = dict.fromkeys(ALL, 200)


def supervisors(answer: int, *, anonymous: int, out_of_scope: int = 404, firm: int = 403, other: int = 403) -> Expected:
    return {
        **dict.fromkeys(ALL, 403), "regulator": answer, "operator": answer, "regulator_out_of_scope": out_of_scope,
        "winning_agency": firm, "other_agency": other, "anonymous": anonymous,
    }  # fmt: skip


OTHERS = ("owner", "colleague", "other_owner", "other_agency", "expert")


def firm(answer: int, *, anonymous: int) -> Expected:
    """Agencies, owners and experts may be parties: of a case that is not theirs they learn nothing."""
    return {**dict.fromkeys(ALL, 403), **dict.fromkeys(OTHERS, 404), "winning_agency": answer, "anonymous": anonymous}


def told(answer: int) -> Expected:
    """The party and those who supervise it."""
    return {**supervisors(answer, anonymous=303, firm=answer), **dict.fromkeys(OTHERS, 404)}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/cases"): {**EVERYBODY, "anonymous": 303},
    ("GET", "/cases/new"): supervisors(200, anonymous=303, out_of_scope=200),
    ("POST", "/cases/new"): supervisors(422, anonymous=401, out_of_scope=422),
    ("GET", "/cases/{number:str}"): told(200),
    ("GET", "/cases/{number:str}/files/{file_id:uuid}"): told(200),
    ("GET", "/cases/{number:str}/letters/{kind:str}"): told(200),
    ("GET", "/cases/{number:str}/letters/{kind:str}/pdf"): told(200),
    ("GET", "/cases/{number:str}/notice"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/notice"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/hearing"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/hearing"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/talk"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/talk"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/decision"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/decision"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/appeal-decision"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/appeal-decision"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/repair-decision"): supervisors(200, anonymous=303),
    ("POST", "/cases/{number:str}/repair-decision"): supervisors(422, anonymous=401),
    ("GET", "/cases/{number:str}/statement"): firm(200, anonymous=303),
    ("POST", "/cases/{number:str}/statement"): firm(422, anonymous=401),
    ("GET", "/cases/{number:str}/appeal"): firm(200, anonymous=303),
    ("POST", "/cases/{number:str}/appeal"): firm(422, anonymous=401),
    ("GET", "/cases/{number:str}/repair"): firm(200, anonymous=303),
    ("POST", "/cases/{number:str}/repair"): firm(422, anonymous=401),
    ("GET", "/decisions"): EVERYBODY,
    ("GET", "/decisions.csv"): EVERYBODY,
    ("GET", "/decisions.json"): EVERYBODY,
    ("GET", "/decisions/{number:str}"): EVERYBODY,
}
_STEPS = {
    "notice": "recorded", "talk": "talk", "hearing": "notified", "statement": "notified", "decision": "to_decide", "appeal": "decided",
    "appeal-decision": "appealed", "repair": "repairable", "repair-decision": "repair_asked",
}  # fmt: skip
SITUATIONS: dict[tuple[str, str], str] = {key: _STEPS.get(key[1].rsplit("/", 1)[-1], "decided") for key in EXPECTATIONS}
