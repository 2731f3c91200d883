"""Who may do what with sealed bids: the project is open for them, `winning_agency` has handed one in, `other_agency` could.
Before the opening nobody but the bidder learns that there is one: everybody else gets what they would get without it."""

from __future__ import annotations

from tests.access.selection import _only

_OWN = _only(403, 303, winning_agency=200, other_agency=404)
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/projects/{number:str}/bid"): _only(403, 303, winning_agency=200, other_agency=200),
    ("POST", "/projects/{number:str}/bid"): _only(403, 401, winning_agency=422, other_agency=422),
    ("GET", "/projects/{number:str}/bid/withdraw"): _only(403, 303, winning_agency=409, other_agency=404),
    ("POST", "/projects/{number:str}/bid/withdraw"): _only(403, 401, winning_agency=409, other_agency=409),
    ("GET", "/projects/{number:str}/bids"): _OWN,
    ("GET", "/projects/{number:str}/bids/{bid_id:uuid}"): _OWN,
    ("GET", "/projects/{number:str}/bids/{bid_id:uuid}/receipt.json"): _OWN,
    ("GET", "/projects/{number:str}/bids/{bid_id:uuid}/sealed.age"): _OWN,
}
