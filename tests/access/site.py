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
NO_SUCH = {**REGULATORS, "regulator": 404, "regulator_out_of_scope": 404}
NO_SUCH_ACT = {**NO_SUCH, "anonymous": 401}

EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/search"): EVERYBODY,
    ("GET", "/search/suggestions"): EVERYBODY,
    ("GET", "/search/saved"): {**dict.fromkeys(SIGNED_IN, 200), "anonymous": 303},
    ("POST", "/search/saved"): {**dict.fromkeys(SIGNED_IN, 422), "anonymous": 401},  # the walker sends nothing
    ("POST", "/search/saved/{search_id:uuid}/give-up"): {**dict.fromkeys(SIGNED_IN, 404), "anonymous": 401},
    ("GET", "/statistics"): EVERYBODY,
    ("GET", "/statistics.json"): EVERYBODY,
    ("GET", "/statistics/{name:str}"): NOBODY,  # the walker names no figure
    ("GET", "/workbench"): {**dict.fromkeys(SIGNED_IN, 200), "anonymous": 303},
    ("GET", "/regulator"): REGULATORS,
    ("GET", "/regulator/steps"): REGULATORS,
    ("GET", "/regulator/desk/{view:str}"): NO_SUCH,  # the walker names no table
    ("POST", "/regulator/desk/{view:str}/bulk"): NO_SUCH_ACT,
    ("POST", "/regulator/desk/{view:str}/filters"): NO_SUCH_ACT,
    ("POST", "/regulator/desk/{view:str}/files"): {**NO_SUCH_ACT, "regulator": 422, "regulator_out_of_scope": 422},
    ("GET", "/regulator/firms/{code:str}"): NO_SUCH,
    ("GET", "/regulator/projects/{number:str}"): NO_SUCH,
    ("POST", "/regulator/filters/{filter_id:uuid}/delete"): NO_SUCH_ACT,
    ("GET", "/regulator/files/{export_id:uuid}"): NO_SUCH,
    ("GET", "/regulator/files/{export_id:uuid}/content"): NO_SUCH,
    ("GET", "/regulator/figures"): REGULATORS,
    ("GET", "/regulator/figures/{name:str}"): {**REGULATORS, "regulator": 404, "regulator_out_of_scope": 404},
    ("GET", "/demo"): NOBODY,
    ("GET", "/help"): EVERYBODY,
    ("GET", "/help/{slug:str}"): NOBODY,  # the walker names no topic
    ("GET", "/verify"): EVERYBODY,
    ("GET", "/open-data"): EVERYBODY,
    ("GET", "/accessibility"): EVERYBODY,
    ("GET", "/complaints"): EVERYBODY,
    ("GET", "/agencies/compare"): EVERYBODY,
    ("GET", "/regions"): EVERYBODY,
    ("GET", "/regions/{code:str}"): NOBODY,  # the walker names no region
}
