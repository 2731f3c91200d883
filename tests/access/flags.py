"""Who gets which answer from the pages of red flags: a GET, or a POST of an empty form with a valid token.

The flag of the walk has been taken up by the regulator and waits for its outcome; the agency that won its project has
been asked for an account."""

from __future__ import annotations

Expected = dict[str, int]

ALL = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def regulators(answer: int, *, out_of_scope: int, anonymous: int) -> Expected:
    return {
        **dict.fromkeys(ALL, 403), "regulator": answer, "regulator_out_of_scope": out_of_scope, "anonymous": anonymous,
    }  # fmt: skip


def asked(answer: int, *, anonymous: int) -> Expected:
    """The party that was asked; nobody else may know of the question."""
    return {**dict.fromkeys(ALL, 404), "winning_agency": answer, "anonymous": anonymous}


EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/regulator/flags"): dict.fromkeys(ALL, 301),  # to the desk, which asks who it is
    ("GET", "/regulator/flags.csv"): dict.fromkeys(ALL, 301),
    ("GET", "/regulator/flags/screens"): regulators(200, out_of_scope=200, anonymous=303) | {"operator": 200},
    ("GET", "/regulator/flags/screens/{code:str}"): regulators(200, out_of_scope=200, anonymous=303)
    | {"operator": 200},
    ("GET", "/regulator/flags/{flag_id:uuid}"): regulators(200, out_of_scope=404, anonymous=303),
    ("POST", "/regulator/flags/{flag_id:uuid}/taking"): regulators(409, out_of_scope=404, anonymous=401),
    ("POST", "/regulator/flags/{flag_id:uuid}/questions"): regulators(422, out_of_scope=404, anonymous=401),
    ("GET", "/regulator/flags/{flag_id:uuid}/outcome"): regulators(200, out_of_scope=404, anonymous=303),
    ("POST", "/regulator/flags/{flag_id:uuid}/outcome"): regulators(422, out_of_scope=404, anonymous=401),
    ("GET", "/flags/questions/{question_id:uuid}"): asked(200, anonymous=303),
    ("POST", "/flags/questions/{question_id:uuid}"): asked(422, anonymous=401),
}
