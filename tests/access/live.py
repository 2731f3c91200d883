"""Who may do what in live bidding: the last round is over; `winning_agency` and `other_agency` are in the pool, and the
bid is the former's. A GET gives the page; a POST comes with a token and an empty form."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip


def _only(anonymous: int, winning_agency: int, other_agency: int) -> dict[str, int]:
    agencies = {"winning_agency": winning_agency, "other_agency": other_agency, "anonymous": anonymous}
    return {viewer: agencies.get(viewer, 403) for viewer in EVERYBODY}


EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/projects/{number:str}/live"): _only(303, 200, 200),
    ("POST", "/projects/{number:str}/live"): _only(401, 422, 422),
    ("GET", "/projects/{number:str}/live/events"): _only(303, 200, 200),
    ("GET", "/projects/{number:str}/live/bids/{bid_id:uuid}"): _only(303, 200, 404),
    ("GET", "/projects/{number:str}/live/bids/{bid_id:uuid}/receipt.json"): _only(303, 200, 404),
}
SITUATIONS: dict[tuple[str, str], str] = dict.fromkeys(EXPECTATIONS, "bidding is over")
