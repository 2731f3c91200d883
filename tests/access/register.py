"""The register is for everybody: a project's acts are recorded and signed. A POST comes with a token and an empty body:
what counts there is a witness's signature, and there is none."""

from __future__ import annotations

EVERYBODY = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
_ALL = dict.fromkeys(EVERYBODY, 200)
EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/register"): _ALL,
    ("GET", "/register/check"): _ALL,
    ("GET", "/register/verifier.py"): _ALL,
    ("GET", "/register/checkpoint"): _ALL,
    ("GET", "/register/keys"): _ALL,
    ("GET", "/register/entries"): _ALL,
    ("GET", "/register/entries/{entry_id:uuid}"): _ALL,
    ("GET", "/register/entries/{entry_id:uuid}/entry.json"): _ALL,
    ("GET", "/register/proof/{entry_id:uuid}"): _ALL,
    ("GET", "/register/proof/{entry_id:uuid}/tlog-proof"): _ALL,
    # The walker names no size and no tile.
    ("GET", "/register/consistency"): dict.fromkeys(EVERYBODY, 400),
    ("GET", "/register/tile/{path:path}"): dict.fromkeys(EVERYBODY, 404),
    ("POST", "/register/cosignatures"): dict.fromkeys(EVERYBODY, 403),
}
