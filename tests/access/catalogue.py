"""Catalogue and rulebook are for everybody."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
_ALL = dict.fromkeys(EVERYBODY, 200)
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/catalogue"): _ALL,
    ("GET", "/catalogue/items/{code:str}"): _ALL,
    ("GET", "/catalogue/qualifications"): _ALL,
    ("GET", "/catalogue/qualifications/{code:str}"): _ALL,
    ("GET", "/catalogue/bundles"): _ALL,
    ("GET", "/catalogue/regions"): _ALL,
    ("GET", "/rulebook"): _ALL,
    ("GET", "/catalogue.json"): _ALL,
    ("GET", "/rulebook.json"): _ALL,
}
