"""Complaints to the regulator, and what stood still because of them."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, words_altered
from market.register.audit import Finding

_COMPLAINTS = (
    "FROM complaint c JOIN project p ON p.id = c.project_id JOIN organisation x ON x.id = c.complainant_id"
    " LEFT JOIN organisation a ON a.id = c.authority_id"
)
_HOLDS = "FROM signing_hold h JOIN project p ON p.id = h.project_id LEFT JOIN contract c ON c.id = h.contract_id"


COMPARERS = (
    Comparer(
        "complaint.filed", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, c.entry_id, p.number AS subject, c.filed_at AS at, x.code AS by, c.number, c.standing,"
        f" c.objection_id AS objection {_COMPLAINTS}",
    ),
    Comparer(
        "complaint.returned", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.returned_at AS at, a.code AS by, c.correction_due_at"
        f" {_COMPLAINTS} WHERE c.returned_at IS NOT NULL",
    ),
    Comparer(
        "complaint.corrected", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.corrected_at AS at, x.code AS by"
        f" {_COMPLAINTS} WHERE c.corrected_at IS NOT NULL",
    ),
    Comparer(
        # The time to decide may have been extended since; then the comparison of the extension finds a change.
        "complaint.accepted", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.accepted_at AS at, a.code AS by, a.code AS authority,"
        " CASE WHEN c.extended_at IS NULL THEN c.decision_due_at ELSE (SELECT (e.data ->> 'decision_due_at')::timestamptz"
        " FROM register_entry e WHERE e.kind = 'complaint.accepted' AND e.data ->> 'complaint' = c.id::text)"
        f" END AS decision_due_at {_COMPLAINTS} WHERE c.accepted_at IS NOT NULL",
    ),
    Comparer(
        "complaint.extended", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.extended_at AS at, a.code AS by, c.extension_reason AS reason,"
        f" c.decision_due_at {_COMPLAINTS} WHERE c.extended_at IS NOT NULL",
    ),
    Comparer(
        "complaint.refused", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.refused_at AS at, c.refusal_reason AS reason,"
        f" CASE WHEN c.refused_by IS NULL THEN 'market' ELSE a.code END AS by {_COMPLAINTS} WHERE c.refused_at IS NOT NULL",
    ),
    Comparer(
        "complaint.withdrawn", "complaint", ("complaint",),
        sql=f"SELECT c.id AS complaint, p.number AS subject, c.withdrawn_at AS at, x.code AS by {_COMPLAINTS} WHERE c.withdrawn_at IS NOT NULL",
    ),
    Comparer(
        "complaint.decided", "complaint", ("complaint",),
        sql="SELECT c.id AS complaint, p.number AS subject, c.decided_at AS at, a.code AS by, c.decision, c.remedy, e.code AS excluded,"
        f" c.legal_cause, c.rule, c.reasons {_COMPLAINTS} LEFT JOIN organisation e ON e.id = c.excluded_id WHERE c.decided_at IS NOT NULL",
    ),
    Comparer(
        "signing.suspended", "signing_hold", ("hold",),
        sql=f"SELECT h.id AS hold, p.number AS subject, h.since AS at, h.reference {_HOLDS}",
    ),
    Comparer(
        "signing.resumed", "signing_hold", ("hold",),
        sql=f"SELECT h.id AS hold, p.number AS subject, h.until AS at, h.sign_due_at {_HOLDS} WHERE h.until IS NOT NULL",
    ),
)  # fmt: skip
_COMPLAINTS = """
SELECT e.id, c.number AS name FROM complaint c JOIN register_entry e ON e.id = c.entry_id JOIN register_private x ON x.entry_id = e.id
WHERE x.facts ->> 'grounds' IS DISTINCT FROM c.grounds OR x.facts ->> 'request' IS DISTINCT FROM c.request
UNION ALL SELECT e.id, c.number FROM complaint c
JOIN register_entry e ON e.kind = 'complaint.corrected' AND e.data ->> 'complaint' = c.id::text
JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'correction' IS DISTINCT FROM c.correction
"""
_OBJECTIONS = """
SELECT e.id, b.id AS name FROM objection b JOIN register_entry e ON e.id = b.entry_id JOIN register_private x ON x.entry_id = e.id
WHERE x.facts ->> 'grounds' IS DISTINCT FROM b.grounds
UNION ALL SELECT e.id, b.id FROM objection b
JOIN register_entry e ON e.kind = 'objection.stated' AND e.data ->> 'objection' = b.id::text
JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'statement' IS DISTINCT FROM b.statement
"""


async def check_grounds() -> list[Finding]:
    return await words_altered("complaint", _COMPLAINTS) + await words_altered("objection", _OBJECTIONS)
