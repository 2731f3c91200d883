"""Who gets which answer from the pages of contracts and deliveries: a GET, or a POST of an empty form with a valid token.

`SITUATIONS` names the state in which the expectations hold: "signing" is a contract that nobody has signed yet,
"delivered" one in force with a delivery that waits for the owner's answer, and a change that the owner has proposed.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def those_concerned(*, anonymous: int) -> Expected:
    """Parties, the regulator of this field, the operator; nobody else may know of it."""
    allowed = ("owner", "colleague", "winning_agency", "regulator", "operator")
    return {**dict.fromkeys(ALL, 404), **dict.fromkeys(allowed, 200), "anonymous": anonymous}


def signatories(answer: int, *, anonymous: int) -> Expected:
    """Owners and agencies with the role of signatory, in the contract that is theirs."""
    return {
        **dict.fromkeys(ALL, 403), "owner": answer, "winning_agency": answer, "other_owner": 404, "other_agency": 404,
        "anonymous": anonymous,
    }  # fmt: skip


def agency_of_the_contract(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "winning_agency": answer, "other_agency": 404, "anonymous": anonymous}


def owner_of_the_project(answer: int, *, anonymous: int) -> Expected:
    return {
        **dict.fromkeys(ALL, 403), "owner": answer, "colleague": answer, "other_owner": 404, "anonymous": anonymous,
    }  # fmt: skip


def owners_and_agencies(answer: int, *, anonymous: int) -> Expected:
    """Their own deadlines, whoever they are."""
    organisations = ("owner", "colleague", "other_owner", "winning_agency", "other_agency")
    return {**dict.fromkeys(ALL, 403), **dict.fromkeys(organisations, answer), "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/contracts/authority.pem"): dict.fromkeys(ALL, 200),
    ("GET", "/contracts/{number:str}"): dict.fromkeys(ALL, 200),
    ("GET", "/contracts/{number:str}/print"): those_concerned(anonymous=303),
    ("GET", "/contracts/{number:str}/text.pdf"): those_concerned(anonymous=303),
    ("GET", "/contracts/{number:str}/documents/{document_id:uuid}"): those_concerned(anonymous=303),
    ("GET", "/contracts/{number:str}/verify"): dict.fromkeys(ALL, 200),
    ("POST", "/contracts/{number:str}/verify"): dict.fromkeys(ALL, 422),
    ("GET", "/contracts/{number:str}/paper"): signatories(200, anonymous=303),
    ("POST", "/contracts/{number:str}/paper"): signatories(422, anonymous=401),
    ("POST", "/contracts/{number:str}/paper/answer"): signatories(422, anonymous=401),
    ("GET", "/contracts/{number:str}/draft"): signatories(200, anonymous=303),
    ("POST", "/contracts/{number:str}/draft"): {**signatories(422, anonymous=401), "winning_agency": 404},
    ("POST", "/contracts/{number:str}/draft/answer"): {**signatories(422, anonymous=401), "owner": 404},
    # Nothing is to be filed before the contract is in force.
    ("GET", "/contracts/{number:str}/filing"): {**owner_of_the_project(404, anonymous=303)},
    ("POST", "/contracts/{number:str}/filing"): {**owner_of_the_project(404, anonymous=401)},
    ("GET", "/contracts/{number:str}/sign"): signatories(200, anonymous=303),
    ("POST", "/contracts/{number:str}/sign"): signatories(422, anonymous=401),
    ("GET", "/contracts/{number:str}/refuse"): signatories(200, anonymous=303),
    ("POST", "/contracts/{number:str}/refuse"): signatories(422, anonymous=401),
    ("GET", "/contracts/{number:str}/changes"): dict.fromkeys(ALL, 200),
    # There is nothing to change before the contract is in force.
    ("GET", "/contracts/{number:str}/changes/new"): signatories(409, anonymous=303),
    ("POST", "/contracts/{number:str}/changes"): signatories(409, anonymous=401),
    ("GET", "/contracts/{number:str}/changes/{no:int}"): dict.fromkeys(ALL, 200),
    ("GET", "/contracts/{number:str}/changes/{no:int}/text.pdf"): those_concerned(anonymous=303),
    ("GET", "/contracts/{number:str}/changes/{no:int}/document"): {**dict.fromkeys(ALL, 404), "anonymous": 303},
    ("POST", "/contracts/{number:str}/changes/{no:int}/verify"): dict.fromkeys(ALL, 422),
    ("POST", "/contracts/{number:str}/changes/{no:int}/answer"): signatories(422, anonymous=401),
    ("POST", "/contracts/{number:str}/changes/{no:int}/sign"): signatories(422, anonymous=401),
    ("POST", "/contracts/{number:str}/changes/{no:int}/withdraw"): {
        **signatories(303, anonymous=401),
        "winning_agency": 409,
    },
    ("GET", "/projects/{number:str}/delivery"): agency_of_the_contract(409, anonymous=303),
    ("POST", "/projects/{number:str}/delivery"): agency_of_the_contract(409, anonymous=401),
    ("GET", "/projects/{number:str}/acceptance"): owner_of_the_project(200, anonymous=303),
    ("POST", "/projects/{number:str}/acceptance"): owner_of_the_project(422, anonymous=401),
    ("GET", "/projects/{number:str}/clock"): those_concerned(anonymous=303),
    ("POST", "/projects/{number:str}/clock"): {
        **owner_of_the_project(422, anonymous=401),
        "winning_agency": 422,
        "other_agency": 404,
    },
    ("POST", "/projects/{number:str}/clock/answer"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/clock/resume"): {
        **owner_of_the_project(409, anonymous=401),
        "winning_agency": 409,
        "other_agency": 404,
    },
    ("POST", "/projects/{number:str}/clock/revoke"): {
        **dict.fromkeys(ALL, 403),
        "regulator": 422,
        "regulator_out_of_scope": 404,
        "anonymous": 401,
    },
    ("GET", "/projects/{number:str}/termination"): those_concerned(anonymous=303),
    ("POST", "/projects/{number:str}/termination"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/termination/answer"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/termination/warning"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/termination/notice"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/termination/notice/withdraw"): signatories(409, anonymous=401),
    ("POST", "/projects/{number:str}/termination/notice/answer"): signatories(422, anonymous=401),
    ("POST", "/projects/{number:str}/termination/decision"): {
        **dict.fromkeys(ALL, 403),
        "regulator": 422,
        "regulator_out_of_scope": 404,
        "anonymous": 401,
    },
    # There is no settlement of a contract that has not ended.
    ("GET", "/projects/{number:str}/settlement"): {**dict.fromkeys(ALL, 404), "anonymous": 303},
    ("POST", "/projects/{number:str}/settlement"): signatories(404, anonymous=401),
    ("GET", "/deadlines"): owners_and_agencies(200, anonymous=303),
    ("POST", "/deadlines/feed"): owners_and_agencies(303, anonymous=401),
    ("POST", "/deadlines/feed/stop"): owners_and_agencies(303, anonymous=401),
    ("GET", "/deadlines/{code:str}/{file:str}"): dict.fromkeys(ALL, 404),
    ("GET", "/deliveries/{delivery_id:uuid}/files/{file_id:uuid}"): those_concerned(anonymous=303),
}
SITUATIONS: dict[tuple[str, str], str] = {
    key: "signing"
    if key[1].startswith("/contracts") and "document_id" not in key[1] and "{no:int}" not in key[1]
    else "delivered"
    for key in EXPECTATIONS
}
