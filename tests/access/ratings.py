"""Who gets which answer from the pages of ratings, credit and lists: a GET, or a POST of an empty form with a valid
token.

`SITUATIONS` names the state in which the expectations hold: "accepted" is a project whose time to rate has just begun,
"rated_low" one that was closed with a low rating of the agency, "red" an agency on the red list, "uploaded" a
list of another authority that waits for confirmation; "any" needs an admitted agency and no more.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
EVERYBODY = dict.fromkeys(ALL, 200)


def parties(answer: int, *, anonymous: int) -> Expected:
    """Owner and agency of the project; other owners and agencies may not know of the page."""
    return {
        **dict.fromkeys(ALL, 403), "owner": answer, "colleague": answer, "winning_agency": answer, "other_owner": 404,
        "other_agency": 404, "anonymous": anonymous,
    }  # fmt: skip


def raters(answer: int, *, anonymous: int) -> Expected:
    """The parties, the operator, and the regulator in whose scope the project lies."""
    return {
        **parties(answer, anonymous=anonymous),
        "regulator": answer,
        "operator": answer,
        "regulator_out_of_scope": 404,
    }


def rated_agency(answer: int, *, anonymous: int) -> Expected:
    return {**parties(404, anonymous=anonymous), "winning_agency": answer}


def deciders(answer: int, *, out_of_scope: int, anonymous: int) -> Expected:
    """Those who supervise the agency; the operator supervises all."""
    return {
        **dict.fromkeys(ALL, 403), "regulator": answer, "operator": answer, "regulator_out_of_scope": out_of_scope,
        "anonymous": anonymous,
    }  # fmt: skip


def operators(answer: int, *, anonymous: int) -> Expected:
    return {**dict.fromkeys(ALL, 403), "operator": answer, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/agencies/{code:str}/credit"): EVERYBODY,
    ("GET", "/agencies/{code:str}/credit.json"): EVERYBODY,
    ("GET", "/credit"): EVERYBODY,
    ("GET", "/credit/what-if"): {
        **dict.fromkeys(ALL, 403),
        "winning_agency": 200,
        "other_agency": 200,
        "anonymous": 303,
    },
    ("GET", "/lists"): EVERYBODY,
    ("GET", "/lists.csv"): EVERYBODY,
    ("GET", "/lists.json"): EVERYBODY,
    ("GET", "/lists/changes"): EVERYBODY,
    ("GET", "/lists/changes.csv"): EVERYBODY,
    ("GET", "/lists/changes.json"): EVERYBODY,
    ("GET", "/lists/imported"): EVERYBODY,
    ("GET", "/lists/imported.csv"): EVERYBODY,
    ("GET", "/lists/imported.json"): EVERYBODY,
    ("GET", "/operator/lists"): operators(200, anonymous=303),
    ("POST", "/operator/lists"): operators(422, anonymous=401),
    ("GET", "/operator/lists/{upload_id:uuid}"): operators(200, anonymous=303),
    # The operator uploaded it, and whoever did cannot confirm it.
    ("GET", "/operator/lists/{upload_id:uuid}/confirm"): operators(409, anonymous=303),
    ("POST", "/operator/lists/{upload_id:uuid}/confirm"): operators(422, anonymous=401),
    ("POST", "/operator/lists/{upload_id:uuid}/discard"): operators(303, anonymous=401),
    ("GET", "/projects/{number:str}/rating"): raters(200, anonymous=303),
    ("POST", "/projects/{number:str}/rating"): raters(422, anonymous=401),
    ("GET", "/ratings/open"): deciders(200, out_of_scope=200, anonymous=303),
    ("GET", "/ratings/{rating_id:uuid}/reply"): rated_agency(200, anonymous=303),
    ("POST", "/ratings/{rating_id:uuid}/reply"): rated_agency(422, anonymous=401),
    ("GET", "/regulator/lists"): deciders(200, out_of_scope=200, anonymous=303),
    ("GET", "/regulator/lists/red/{code:str}"): deciders(200, out_of_scope=404, anonymous=303),
    ("POST", "/regulator/lists/red/{code:str}"): deciders(409, out_of_scope=404, anonymous=401),
    ("GET", "/regulator/lists/{entry_id:uuid}/remove"): deciders(200, out_of_scope=404, anonymous=303),
    ("POST", "/regulator/lists/{entry_id:uuid}/remove"): deciders(422, out_of_scope=404, anonymous=401),
}
SITUATIONS: dict[tuple[str, str], str] = {
    key: "accepted" if "/rating" in key[1] and "reply" not in key[1]
    else "rated_low" if "reply" in key[1]
    else "red" if "remove" in key[1]
    else "uploaded" if "upload_id" in key[1]
    else "any"
    for key in EXPECTATIONS
}  # fmt: skip
