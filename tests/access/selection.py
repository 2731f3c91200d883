"""Who may do what in selection: the project is under result notice, `winning_agency` was drawn, `other_agency` took
part and raised the objection that is still open. A GET gives the page; a POST comes with a token and an empty form."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def _only(rest: int, anonymous: int, **allowed: int) -> dict[str, int]:
    return {viewer: allowed.get(viewer, anonymous if viewer == "anonymous" else rest) for viewer in EVERYBODY}


_ALL = _only(200, 200)
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/projects/{number:str}/rounds/{no:int}"): _ALL,
    ("GET", "/projects/{number:str}/rounds/{no:int}/dossier.json"): _ALL,
    # Both have signed up already: to their receipt.
    ("GET", "/projects/{number:str}/sign-up"): _only(403, 303, winning_agency=303, other_agency=303),
    # Too late for anybody.
    ("POST", "/projects/{number:str}/sign-up"): _only(403, 401, winning_agency=409, other_agency=409),
    ("GET", "/projects/{number:str}/sign-up/receipt"): _only(403, 303, winning_agency=200, other_agency=200),
    # After the close the page of withdrawal leads to the one that says what giving up costs.
    ("GET", "/projects/{number:str}/sign-up/withdraw"): _only(403, 303, winning_agency=303, other_agency=303),
    ("POST", "/projects/{number:str}/sign-up/withdraw"): _only(403, 401, winning_agency=409, other_agency=409),
    ("GET", "/projects/{number:str}/sign-up/abandon"): _only(403, 303, winning_agency=200, other_agency=200),
    ("POST", "/projects/{number:str}/sign-up/abandon"): _only(403, 401, winning_agency=409, other_agency=303),
    ("GET", "/agency/sign-ups"): _only(403, 303, winning_agency=200, other_agency=200),
    ("GET", "/projects/{number:str}/objections/new"): _only(
        403, 303, owner=200, colleague=200, other_owner=404, winning_agency=200, other_agency=200),
    ("POST", "/projects/{number:str}/objections"): _only(
        403, 401, owner=422, colleague=422, other_owner=404, winning_agency=422, other_agency=422),
    ("GET", "/objections/{objection_id:uuid}"): _only(
        403, 303, owner=200, colleague=200, other_owner=404, winning_agency=200, other_agency=200, regulator=200,
        regulator_out_of_scope=404, operator=200),
    # Nothing is answered yet.
    ("GET", "/objections/{objection_id:uuid}/letter"): _only(
        403, 303, owner=404, colleague=404, other_owner=404, winning_agency=404, other_agency=404, regulator=404,
        regulator_out_of_scope=404, operator=404),
    ("GET", "/objections/{objection_id:uuid}/statement"): _only(403, 303, owner=200, colleague=200, other_owner=404),
    ("POST", "/objections/{objection_id:uuid}/statement"): _only(403, 401, owner=422, colleague=422, other_owner=404),
    ("POST", "/objections/{objection_id:uuid}/withdraw"): _only(
        403, 401, owner=404, colleague=404, other_owner=404, winning_agency=404, other_agency=303),
    # The owner may still state its view: the operator has to wait for it.
    ("GET", "/objections/{objection_id:uuid}/answer"): _only(403, 303, operator=409),
    ("POST", "/objections/{objection_id:uuid}/answer"): _only(403, 401, operator=409),
}  # fmt: skip
SITUATIONS: dict[tuple[str, str], str] = dict.fromkeys(EXPECTATIONS, "result_notice")
