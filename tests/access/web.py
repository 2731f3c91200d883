"""What every site has. No worker runs in the walker's world, so the market is not ready. `/static` is no handler of
ours: tests/web/test_assets.py looks after it."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/healthz"): dict.fromkeys(EVERYBODY, 200),
    ("GET", "/readyz"): dict.fromkeys(EVERYBODY, 503),
    ("POST", "/preferences"): dict.fromkeys(EVERYBODY, 303),
}
