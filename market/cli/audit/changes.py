"""Changes and supplements of contracts."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, fingerprint_of
from projects.contracts.changes.terms import ChangeTerms

_terms = fingerprint_of("terms", lambda stored: ChangeTerms.from_json(stored).sha256, name="terms_sha256")
_CHANGES = (
    "FROM contract_change k JOIN contract c ON c.id = k.contract_id JOIN project p ON p.id = c.project_id"
    " JOIN organisation o ON o.id = c.owner_id JOIN organisation a ON a.id = c.agency_id"
)
_SAID = "SELECT c.number AS contract, k.no, p.number AS subject"
_BY_PROPOSER = "CASE k.proposed_side WHEN 'owner' THEN o.code ELSE a.code END"
_BY_OTHER = "CASE k.proposed_side WHEN 'owner' THEN a.code ELSE o.code END"
_KEY = ("contract", "no")
COMPARERS = (
    Comparer(
        "change.proposed", "contract_change", _KEY, json=("terms",), adjust=_terms,
        sql=f"{_SAID}, k.proposed_at AS at, {_BY_PROPOSER} AS by, k.proposed_side AS side, k.terms, k.terms_sha256, k.reason,"
        f" k.price_fen, k.added_fen, k.answer_due_at {_CHANGES}",
    ),
    Comparer(
        "change.refused", "contract_change", _KEY,
        sql=f"{_SAID}, k.ended_at AS at, {_BY_OTHER} AS by, k.end_reason AS reason {_CHANGES} WHERE k.ended = 'refused'",
    ),
    Comparer(
        "change.withdrawn", "contract_change", _KEY,
        sql=f"{_SAID}, k.ended_at AS at, {_BY_PROPOSER} AS by {_CHANGES} WHERE k.ended = 'withdrawn'",
    ),
    Comparer(
        "change.lapsed", "contract_change", _KEY,
        sql=f"{_SAID}, k.ended_at AS at {_CHANGES} WHERE k.ended = 'lapsed'",
    ),
    Comparer(
        "change.signed", "contract_change", (*_KEY, "side"),
        sql=f"{_SAID}, 'owner' AS side, k.owner_signed_at AS at, o.code AS by, k.terms_sha256 {_CHANGES} WHERE k.owner_signed_at IS NOT NULL"
        f" UNION ALL {_SAID}, 'agency', k.agency_signed_at, a.code, k.terms_sha256 {_CHANGES} WHERE k.agency_signed_at IS NOT NULL",
    ),
    Comparer(
        "change.in_force", "contract_change", _KEY,
        sql=f"{_SAID}, k.in_force_at AS at, a.code AS agency, o.code AS owner, k.terms_sha256, k.price_fen, k.added_fen,"
        f" k.due_after AS due_at {_CHANGES} WHERE k.in_force_at IS NOT NULL",
    ),
    Comparer(
        "change.documented", "contract_change_document", _KEY,
        sql=f"{_SAID}, d.made_at AS at, d.sha256, d.text_sha256, k.terms_sha256 {_CHANGES}"
        " JOIN contract_change_document d ON d.change_id = k.id",
    ),
)  # fmt: skip
