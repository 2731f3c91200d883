"""What visitors get below /api/ who come with a session instead of a token: the session counts for nothing there, so all
get what anybody gets. tests/api looks after programs with tokens."""

from __future__ import annotations

from market.api.acts import ACTS
from market.api.reads import READS
from tests.access.accounts import everybody, signed_in

BASE = "/api/v1"
_PUBLIC: dict[str, int] = {
    "/projects": 200, "/results": 200, "/projects/{number:str}": 200, "/projects/{number:str}/notice": 200,
    "/projects/{number:str}/history": 200, "/agencies": 200, "/agencies/{code:str}": 200, "/catalogue": 200,
    "/catalogue/items": 200, "/catalogue/items/{code:str}": 200, "/regions": 200, "/rulebook": 200, "/lists": 200,
    "/lists/imported": 200, "/decisions": 200,
    # There is no such decision.
    "/decisions/{number:str}": 404,
    "/statistics": 200, "/overdue": 200, "/register/entries": 200, "/register/entries/{entry_id:uuid}": 200,
    "/register/entries/{entry_id:uuid}/proof": 200, "/register/checkpoint": 200,
}  # fmt: skip


def _senders(answer: int, *, anonymous: int) -> dict[str, int]:
    return signed_in(answer, anonymous=anonymous, expert=403, regulator=403, regulator_out_of_scope=403, operator=403)


EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/api"): everybody(200),
    # Handlers of owners and agencies; the scene's table does not exist.
    ("GET", "/bulk"): _senders(200, anonymous=303),
    ("POST", "/bulk"): _senders(422, anonymous=401),
    ("GET", "/bulk/template/{name:str}"): everybody(200),
    ("GET", "/bulk/{run_id:uuid}"): _senders(404, anonymous=303),
    ("POST", "/bulk/{run_id:uuid}/confirm"): _senders(404, anonymous=401),
    ("GET", "/bulk/{run_id:uuid}/results.csv"): _senders(404, anonymous=303),
    ("GET", f"{BASE}/openapi.json"): everybody(200),
    **{("GET", f"{BASE}{path}"): everybody(answer) for path, answer in _PUBLIC.items()},
    **{("GET", f"{BASE}{read.path}"): everybody(401) for read in READS if read.own},
    **{("POST", f"{BASE}{act.path}"): everybody(401) for act in ACTS},
    ("POST", f"{BASE}/drafts"): everybody(401),
    ("GET", f"{BASE}/drafts/{{draft_id:uuid}}"): everybody(401),
    ("PUT", f"{BASE}/drafts/{{draft_id:uuid}}"): everybody(401),
    ("DELETE", f"{BASE}/drafts/{{draft_id:uuid}}"): everybody(401),
}
