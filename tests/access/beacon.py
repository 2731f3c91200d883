"""The beacon is for everybody."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
_ALL = dict.fromkeys(EVERYBODY, 200)
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/beacon"): _ALL,
    ("GET", "/beacon/{chain_hash:str}/info"): _ALL,
    ("GET", "/beacon/{chain_hash:str}/public/{number:str}"): _ALL,
}
