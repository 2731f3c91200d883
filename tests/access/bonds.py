"""Who gets which answer from the page of a contract's bond: a GET, or a POST of an empty form with a valid token. The
contract is the one between "owner" and "winning_agency"; a bond is asked for and not given."""

from __future__ import annotations

from tests.access.contracts import ALL, Expected

PAGE = "/contracts/{number:str}/bond"


def one_side(kind: str, answer: int) -> Expected:
    """A POST by the signatories of one side; the other kinds may not, strangers of this kind find nothing."""
    mine = {"owner": {"owner": answer, "other_owner": 404}, "agency": {"winning_agency": answer, "other_agency": 404}}
    return {**dict.fromkeys(ALL, 403), **mine[kind], "anonymous": 401}


READERS: Expected = {
    **dict.fromkeys(ALL, 404),
    **dict.fromkeys(("owner", "colleague", "winning_agency", "regulator", "operator"), 200),
    "anonymous": 303,
}
EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", PAGE): READERS,
    ("GET", f"{PAGE}/guarantees/{{guarantee_id:uuid}}"): {**dict.fromkeys(ALL, 404), "anonymous": 303},
    ("POST", PAGE): one_side("owner", 422),
    ("POST", f"{PAGE}/decline"): one_side("agency", 422),
    ("POST", f"{PAGE}/waive"): one_side("owner", 422),
    ("POST", f"{PAGE}/freeze"): one_side("agency", 303),
    ("POST", f"{PAGE}/freeze/withdraw"): one_side("agency", 303),
    ("POST", f"{PAGE}/freeze/ask"): one_side("agency", 303),
    ("POST", f"{PAGE}/guarantee"): one_side("agency", 422),
    ("POST", f"{PAGE}/guarantee-answer"): one_side("owner", 422),
    ("POST", f"{PAGE}/return"): one_side("owner", 422),
    ("POST", f"{PAGE}/claims"): one_side("owner", 422),
    ("POST", f"{PAGE}/claim-answer"): one_side("agency", 422),
    ("POST", f"{PAGE}/claim-ruling"): {
        **dict.fromkeys(ALL, 403), "regulator": 422, "regulator_out_of_scope": 404, "anonymous": 401},
}  # fmt: skip
