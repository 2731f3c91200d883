"""Who gets which answer from the pages of agencies: a GET, or a POST of an empty form with a valid token.

`winning_agency` and `other_agency` are admitted and have nothing pending; the codes, rows and files in the addresses are
those of `winning_agency`. `rows` are one of its qualifications or practitioners, and its only authorised person.
"""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
EVERYBODY: Expected = dict.fromkeys(ALL, 200)


def agencies(answer: int, *, other: int | None = None, anonymous: int) -> Expected:
    """Agencies on pages of their own; `other`: where the address names something of `winning_agency`."""
    return {
        **dict.fromkeys(ALL, 403), "winning_agency": answer, "other_agency": answer if other is None else other,
        "anonymous": anonymous,
    }  # fmt: skip


def operators(answer: int, *, anonymous: int) -> Expected:
    return {
        **dict.fromkeys(ALL, 403), "operator": answer, "anonymous": anonymous,
    }  # fmt: skip


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/agencies"): EVERYBODY,
    ("GET", "/agencies/{code:str}"): EVERYBODY,
    ("GET", "/entry-notices"): EVERYBODY,
    ("GET", "/commitment/{version:str}"): EVERYBODY,
    ("GET", "/commitment/{version:str}/text.json"): EVERYBODY,
    ("GET", "/agency-files/{file_id:uuid}"): {
        **dict.fromkeys(ALL, 404),
        "winning_agency": 200,
        "regulator": 200,
        "operator": 200,
        "anonymous": 303,
    },
    ("GET", "/agency/entry"): agencies(200, anonymous=303),
    ("GET", "/agency/changes"): agencies(200, anonymous=303),
    ("POST", "/agency/firm"): agencies(422, anonymous=401),
    ("POST", "/agency/services"): agencies(422, anonymous=401),
    ("POST", "/agency/licence"): agencies(422, anonymous=401),
    ("POST", "/agency/commitment"): agencies(422, anonymous=401),
    # There is no such proposal.
    ("POST", "/agency/proposals/{change_id:uuid}/withdraw"): agencies(404, anonymous=401),
    # Nothing is left to hand in.
    ("GET", "/agency/entry/check"): agencies(303, anonymous=303),
    ("POST", "/agency/entry/submit"): agencies(422, anonymous=401),
    ("POST", "/agency/entry/withdraw"): agencies(409, anonymous=401),
    ("POST", "/agency/entry/again"): agencies(409, anonymous=401),
    ("GET", "/agency/exit"): agencies(200, anonymous=303),
    ("POST", "/agency/exit"): agencies(422, anonymous=401),
    ("GET", "/agency/qualifications/new"): agencies(200, anonymous=303),
    # The empty form does not name the kind of qualification.
    ("POST", "/agency/qualifications/new"): agencies(404, anonymous=401),
    ("GET", "/agency/qualifications/{row_id:uuid}"): agencies(200, other=404, anonymous=303),
    ("POST", "/agency/qualifications/{row_id:uuid}"): agencies(422, other=404, anonymous=401),
    ("GET", "/agency/qualifications/{row_id:uuid}/remove"): agencies(200, other=404, anonymous=303),
    ("POST", "/agency/qualifications/{row_id:uuid}/remove"): agencies(303, other=404, anonymous=401),
    ("GET", "/agency/practitioners/new"): agencies(200, anonymous=303),
    ("POST", "/agency/practitioners/new"): agencies(422, anonymous=401),
    ("GET", "/agency/practitioners/{row_id:uuid}"): agencies(200, other=404, anonymous=303),
    ("POST", "/agency/practitioners/{row_id:uuid}"): agencies(422, other=404, anonymous=401),
    ("GET", "/agency/practitioners/{row_id:uuid}/remove"): agencies(200, other=404, anonymous=303),
    ("POST", "/agency/practitioners/{row_id:uuid}/remove"): agencies(303, other=404, anonymous=401),
    ("GET", "/agency/authorised/new"): agencies(200, anonymous=303),
    ("POST", "/agency/authorised/new"): agencies(422, anonymous=401),
    ("GET", "/agency/authorised/{row_id:uuid}"): agencies(200, other=404, anonymous=303),
    ("POST", "/agency/authorised/{row_id:uuid}"): agencies(422, other=404, anonymous=401),
    ("GET", "/agency/authorised/{row_id:uuid}/remove"): agencies(200, other=404, anonymous=303),
    # The only person who may act for the agency stays.
    ("POST", "/agency/authorised/{row_id:uuid}/remove"): agencies(409, other=404, anonymous=401),
    ("GET", "/operator/entries"): operators(200, anonymous=303),
    ("GET", "/operator/entries/{code:str}"): operators(200, anonymous=303)
    | {"regulator": 200, "regulator_out_of_scope": 404},
    # Nothing waits for review; the form lacks the version.
    ("POST", "/operator/entries/{code:str}"): operators(422, anonymous=401),
    # The agency is not in its public notice any more.
    ("POST", "/operator/entries/{code:str}/stop"): operators(404, anonymous=401),
}
