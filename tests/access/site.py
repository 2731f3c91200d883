"""Who gets which answer from the pages of the storefront (outside demonstration mode)."""

from __future__ import annotations

Expected = dict[str, int]

SIGNED_IN = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator",
)  # fmt: skip
ALL = (*SIGNED_IN, "anonymous")
EVERYBODY = dict.fromkeys(ALL, 200)
NOBODY = dict.fromkeys(ALL, 404)
REGULATORS = {**dict.fromkeys(ALL, 403), "regulator": 200, "regulator_out_of_scope": 200, "anonymous": 303}

EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/search"): EVERYBODY,
    ("GET", "/search/suggestions"): EVERYBODY,
    ("GET", "/statistics"): EVERYBODY,
    ("GET", "/statistics.json"): EVERYBODY,
    ("GET", "/statistics/{name:str}"): NOBODY,  # the walker names no file
    ("GET", "/workbench"): {**dict.fromkeys(SIGNED_IN, 200), "anonymous": 303},
    ("GET", "/regulator"): REGULATORS,
    ("GET", "/demo"): NOBODY,
    ("GET", "/help"): EVERYBODY,
    ("GET", "/verify"): EVERYBODY,
    ("GET", "/open-data"): EVERYBODY,
    ("GET", "/accessibility"): EVERYBODY,
    ("GET", "/complaints"): EVERYBODY,
    ("GET", "/agencies/compare"): EVERYBODY,
    ("GET", "/regions"): EVERYBODY,
    ("GET", "/regions/{code:str}"): NOBODY,  # the walker names no region
}
