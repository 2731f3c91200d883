"""Who gets which answer from the pages of accounts: a GET, or a POST of an empty form with a valid token.

`colleague` works for `owner` as a handler; everybody else holds every role of their own organisation. `person_id` is the
colleague, `session_id` a session of the owner. Nobody has a second factor, and none is due.
"""

from __future__ import annotations

Expected = dict[str, int]

SIGNED_IN = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator",
)  # fmt: skip


def everybody(answer: int) -> Expected:
    return dict.fromkeys((*SIGNED_IN, "anonymous"), answer)


def signed_in(answer: int, *, anonymous: int, **others: int) -> Expected:
    return {**dict.fromkeys(SIGNED_IN, answer), "anonymous": anonymous, **others}


def operator(answer: int, *, anonymous: int) -> Expected:
    return signed_in(403, anonymous=anonymous, operator=answer)


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    # Who is signed in goes on to the work bench.
    ("GET", "/sign-in"): signed_in(303, anonymous=200),
    ("POST", "/sign-in"): everybody(422),
    ("POST", "/sign-out"): everybody(303),
    # Where a second factor is set up, too.
    ("GET", "/sign-in/second-factor"): signed_in(200, anonymous=404),
    ("POST", "/sign-in/second-factor"): signed_in(422, anonymous=404),
    ("GET", "/sign-in/code"): signed_in(200, anonymous=303),
    ("POST", "/sign-in/code"): signed_in(422, anonymous=401),
    ("GET", "/sign-up"): everybody(200),
    ("POST", "/sign-up"): everybody(422),
    ("GET", "/account"): signed_in(200, anonymous=303),
    ("POST", "/account"): signed_in(422, anonymous=401),
    ("POST", "/account/password"): signed_in(422, anonymous=401),
    # Somebody else's session is as good as none.
    ("POST", "/account/sessions/{session_id:uuid}/end"): signed_in(404, anonymous=401, owner=303),
    ("POST", "/account/sessions/end-others"): signed_in(303, anonymous=401),
    ("POST", "/account/second-factor/remove"): signed_in(422, anonymous=401),
    ("POST", "/account/switch"): signed_in(422, anonymous=401),
    ("GET", "/account/colleagues"): signed_in(200, anonymous=303),
    ("POST", "/account/colleagues"): signed_in(422, anonymous=401, colleague=403),
    ("POST", "/account/colleagues/{person_id:uuid}/roles"): signed_in(404, anonymous=401, owner=422, colleague=403),
    ("GET", "/account/colleagues/{person_id:uuid}/remove"): signed_in(404, anonymous=303, owner=200, colleague=403),
    ("POST", "/account/colleagues/{person_id:uuid}/remove"): signed_in(404, anonymous=401, owner=303, colleague=403),
    ("GET", "/operator/institutions"): operator(200, anonymous=303),
    ("POST", "/operator/institutions"): operator(422, anonymous=401),
    ("GET", "/operator/calendar"): operator(200, anonymous=303),
    ("POST", "/operator/calendar"): operator(422, anonymous=401),
    ("POST", "/operator/calendar/years"): operator(422, anonymous=401),
}
