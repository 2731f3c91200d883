"""How the search server stands is the operator's to know."""

from __future__ import annotations

EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/operator/search"): {
        **dict.fromkeys(
            ("owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope"), 403
        ),
        "operator": 200,
        "anonymous": 303,
    },
}  # fmt: skip
