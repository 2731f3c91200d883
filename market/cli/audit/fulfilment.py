"""Contracts, deliveries, ratings."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, Facts, fingerprint_of
from market.kernel.db import fetch, from_json
from market.register.audit import Finding
from projects.contracts.terms import Terms

_terms = fingerprint_of("terms", lambda stored: Terms.from_json(stored).sha256, name="terms_sha256")


def _revealed(facts: Facts) -> Facts:
    """Marks that an agency gives its owner are public in aggregate only."""
    if facts["side"] == "agency":
        facts = {name: value for name, value in facts.items() if name not in {"overall", "marks"}}
    return facts


CONTRACTS = (
    "FROM contract c JOIN project p ON p.id = c.project_id JOIN organisation o ON o.id = c.owner_id"
    " JOIN organisation a ON a.id = c.agency_id"
)
_DELIVERIES = f"{CONTRACTS} JOIN delivery d ON d.contract_id = c.id"
# The limit of a correction as it was when the delivery was returned: before a stop, more time or a supplement moved it.
_FIRST_LIMIT = (
    "coalesce((SELECT x.due FROM (SELECT k.due_before AS due, coalesce(k.ended_at, k.answered_at) AS moved FROM clock_change k"
    " WHERE k.milestone_id = d.milestone_id UNION ALL SELECT g.due_before, g.in_force_at FROM contract_change g"
    " WHERE g.contract_id = c.id) x WHERE x.due IS NOT NULL AND x.moved >= d.decided_at AND x.moved < coalesce("
    "(SELECT min(n.delivered_at) FROM delivery n WHERE n.contract_id = c.id AND n.no > d.no), 'infinity')"
    " ORDER BY x.moved LIMIT 1), d.correction_due_at)"
)
_DOCUMENTS = f"{CONTRACTS} JOIN contract_document d ON d.contract_id = c.id"
_CLOCK = f"{CONTRACTS} JOIN clock_change k ON k.contract_id = c.id JOIN contract_milestone m ON m.id = k.milestone_id"
_VERDICTS = (
    f"{_DELIVERIES} JOIN contract_milestone m ON m.id = d.milestone_id JOIN report_verdict v ON v.delivery_id = d.id"
    " JOIN organisation r ON r.id = v.recorded_for LEFT JOIN stored_file f ON f.id = v.file_id"
    " LEFT JOIN report_verdict w ON w.id = v.corrects_id"
)
_VERDICT_SAID = (
    "SELECT c.number AS contract, v.no, p.number AS subject, v.recorded_at AS at, r.code AS by, a.code AS agency, m.no AS milestone,"
    " d.no AS delivery, v.outcome, v.authority, v.document_number AS document, v.decided_on, v.reasons, f.sha256 AS file"
)
_CLOCK_SAID = "SELECT c.number AS contract, k.no, m.no AS milestone, p.number AS subject"
_VERSIONS = f"{CONTRACTS} JOIN contract_version v ON v.contract_id = c.id"
# The terms that stand are those of the contract; versions before the last that was agreed are history.
_IN_CONTRACT = "v.no = (SELECT max(w.no) FROM contract_version w WHERE w.contract_id = c.id AND (w.no = 0 OR w.agreed_at IS NOT NULL))"
_STANDING = (
    f"CASE WHEN {_IN_CONTRACT} THEN c.terms ELSE v.terms END AS terms,"
    f" CASE WHEN {_IN_CONTRACT} THEN c.terms_sha256 ELSE v.terms_sha256 END AS terms_sha256"
)
_MILESTONES = f"{_DELIVERIES} JOIN contract_milestone m ON m.id = d.milestone_id AND d.decision LIKE 'accepted%'"
_LAST = "m.no = (SELECT max(n.no) FROM contract_milestone n WHERE n.contract_id = c.id)"
_RATINGS = (
    "FROM rating r JOIN project p ON p.id = r.project_id JOIN organisation x ON x.id = r.rater_id"
    " JOIN organisation y ON y.id = r.rated_id"
)


def answered(act: str, table: str, *, said: str, rows: str, alias: str) -> tuple[Comparer, Comparer]:
    """What one side asked and the other declined, or did not answer in time."""
    at = f"{alias}.answered_at AS at"
    return (
        Comparer(
            f"{act}.declined", table, ("contract", "no"),
            sql=f"{said}, {at}, {alias}.answer_reason AS reason {rows} WHERE {alias}.answer = 'declined'",
        ),
        Comparer(
            f"{act}.lapsed", table, ("contract", "no"), sql=f"{said}, {at} {rows} WHERE {alias}.answer = 'lapsed'"
        ),
    )  # fmt: skip


COMPARERS = (
    Comparer(
        "result.final", "contract", ("subject", "at"),
        sql=f"SELECT p.number AS subject, c.created_at AS at, a.code AS winner {CONTRACTS}",
    ),
    Comparer(
        "contract.opened", "contract", ("contract",), json=("terms",), adjust=_terms,
        sql="SELECT c.number AS contract, p.number AS subject, c.created_at AS at, a.code AS agency, c.price_fen, c.sign_due_at,"
        f" {_STANDING} {_VERSIONS} AND v.no = 0",
    ),
    Comparer(
        "contract.signed", "contract", ("contract", "side"),
        sql="SELECT c.number AS contract, 'owner' AS side, p.number AS subject, c.owner_signed_at AS at, o.code AS by, c.terms_sha256"
        f" {CONTRACTS} WHERE c.owner_signed_at IS NOT NULL UNION ALL"
        f" SELECT c.number, 'agency', p.number, c.agency_signed_at, a.code, c.terms_sha256 {CONTRACTS} WHERE c.agency_signed_at IS NOT NULL",
    ),
    Comparer(
        "contract.in_force", "contract", ("contract",),
        sql="SELECT c.number AS contract, p.number AS subject, c.in_force_at AS at, a.code AS agency, o.code AS owner, c.price_fen,"
        f" c.delivery_due_at {CONTRACTS} WHERE c.in_force_at IS NOT NULL",
    ),
    Comparer(
        "contract.refused", "contract", ("contract",),
        sql="SELECT c.number AS contract, p.number AS subject, c.ended_at AS at, a.code AS agency, o.code AS owner,"
        f" replace(c.ended, '_refused', '') AS side, c.end_reason AS reason {CONTRACTS} WHERE c.ended LIKE '%_refused'",
    ),
    Comparer(
        "contract.lapsed", "contract", ("contract",),
        sql=f"SELECT c.number AS contract, p.number AS subject, c.ended_at AS at, a.code AS agency, o.code AS owner {CONTRACTS}"
        " WHERE c.ended = 'lapsed'",
    ),
    Comparer(
        "contract.documented", "contract_document", ("contract", "sha256"),
        sql="SELECT c.number AS contract, p.number AS subject, d.made_at AS at, d.kind, d.sha256, d.text_sha256, d.terms_sha256"
        f" {_DOCUMENTS} WHERE d.kind = 'signed'",
    ),
    Comparer(
        "contract.paper_sent", "contract_document", ("contract", "sha256", "at"),
        sql=f"SELECT c.number AS contract, p.number AS subject, d.made_at AS at, d.sent_side AS side, d.sha256 {_DOCUMENTS} WHERE d.kind = 'paper'",
    ),
    Comparer(
        "contract.paper_confirmed", "contract_document", ("contract", "sha256"),
        sql=f"SELECT c.number AS contract, p.number AS subject, d.confirmed_at AS at, d.sha256 {_DOCUMENTS} WHERE d.confirmed_at IS NOT NULL",
    ),
    Comparer(
        "contract.paper_refused", "contract_document", ("contract", "sha256", "at"),
        sql="SELECT c.number AS contract, p.number AS subject, d.refused_at AS at, d.sha256, d.refusal AS reason"
        f" {_DOCUMENTS} WHERE d.refused_at IS NOT NULL",
    ),
    Comparer(
        "contract.annulled", "contract", ("contract",),
        sql="SELECT c.number AS contract, p.number AS subject, c.ended_at AS at, a.code AS agency, o.code AS owner,"
        f" c.end_reason AS reason {CONTRACTS} WHERE c.ended = 'annulled'",
    ),
    Comparer(
        "delivery.made", "delivery", ("contract", "no"),
        sql="SELECT c.number AS contract, d.no, p.number AS subject, d.delivered_at AS at, a.code AS agency, d.late_days, d.due_at,"
        " ARRAY(SELECT s.sha256 FROM delivery_file f JOIN stored_file s ON s.id = f.file_id WHERE f.delivery_id = d.id ORDER BY f.id)"
        f" AS files {_DELIVERIES}",
    ),
    Comparer(
        "delivery.returned", "delivery", ("contract", "no"), json=("reasons",),
        sql="SELECT c.number AS contract, d.no, p.number AS subject, d.decided_at AS at, a.code AS agency, d.reasons,"
        f" {_FIRST_LIMIT} AS due_at {_DELIVERIES} WHERE d.decision = 'returned'",
    ),
    Comparer(
        "delivery.accepted", "delivery", ("contract", "no"),
        sql="SELECT c.number AS contract, d.no, p.number AS subject, d.decided_at AS at, a.code AS agency, o.code AS owner,"
        f" d.decision = 'accepted_by_silence' AS by_silence {_MILESTONES} WHERE {_LAST}",
    ),
    Comparer(
        "milestone.accepted", "delivery", ("contract", "no"),
        sql="SELECT c.number AS contract, d.no, m.no AS milestone, p.number AS subject, m.accepted_at AS at, a.code AS agency, o.code AS owner,"
        f" d.decision = 'accepted_by_silence' AS by_silence {_MILESTONES} WHERE NOT {_LAST}",
    ),
    Comparer(
        "verdict.recorded", "report_verdict", ("contract", "no"), json=("reasons",),
        sql=f"{_VERDICT_SAID} {_VERDICTS} WHERE v.corrects_id IS NULL",
    ),
    Comparer(
        "verdict.corrected", "report_verdict", ("contract", "no"), json=("reasons",),
        sql=f"{_VERDICT_SAID}, w.no AS corrects, v.correction_reason AS correction {_VERDICTS} WHERE v.corrects_id IS NOT NULL",
    ),
    Comparer(
        "contract.filed", "contract_filing", ("contract",),
        sql="SELECT c.number AS contract, p.number AS subject, f.recorded_at AS at, o.code AS by, f.authority, f.reference, f.filed_on"
        f" {CONTRACTS} JOIN contract_filing f ON f.contract_id = c.id AND f.recorded_at IS NOT NULL",
    ),
    Comparer(
        "clock.asked", "clock_change", ("contract", "no"),
        sql=f"{_CLOCK_SAID}, k.asked_at AS at, k.kind, k.cause, k.days, k.side, k.reason, k.answer_due_at {_CLOCK}",
    ),
    Comparer(
        "clock.agreed", "clock_change", ("contract", "no"),
        sql=f"{_CLOCK_SAID}, k.answered_at AS at {_CLOCK} WHERE k.answer = 'agreed'",
    ),
    *answered("clock", "clock_change", said=_CLOCK_SAID, rows=_CLOCK, alias="k"),
    Comparer(
        "clock.resumed", "clock_change", ("contract", "no"),
        sql=f"{_CLOCK_SAID}, k.ended_at AS at, k.asked_at AS since, k.due_after AS due_at {_CLOCK} WHERE k.ended_at IS NOT NULL",
    ),
    Comparer(
        "clock.revoked", "clock_change", ("contract", "no"),
        sql=f"{_CLOCK_SAID}, k.revoked_at AS at, k.revoke_reason AS reason {_CLOCK} WHERE k.revoked_at IS NOT NULL",
    ),
    Comparer(
        "contract.draft_proposed", "contract_version", ("contract", "no"), json=("terms",), adjust=_terms,
        sql=f"SELECT c.number AS contract, v.no, p.number AS subject, v.proposed_at AS at, o.code AS by, v.terms_sha256, v.terms {_VERSIONS} AND v.no > 0",
    ),
    Comparer(
        "contract.draft_agreed", "contract_version", ("contract", "no"), json=("terms",), adjust=_terms,
        sql=f"SELECT c.number AS contract, v.no, p.number AS subject, v.agreed_at AS at, a.code AS by, {_STANDING}"
        f" {_VERSIONS} WHERE v.agreed_at IS NOT NULL",
    ),
    Comparer(
        "contract.draft_declined", "contract_version", ("contract", "no"),
        sql="SELECT c.number AS contract, v.no, p.number AS subject, v.ended_at AS at, a.code AS by, v.end_reason AS reason"
        f" {_VERSIONS} WHERE v.ended = 'declined'",
    ),
    Comparer(
        "rating.given", "rating", ("subject", "side"),
        sql=f"SELECT p.number AS subject, r.side, r.rated_at AS at, x.code AS by {_RATINGS}",
    ),
    Comparer(
        "rating.revealed", "rating", ("subject", "side"), json=("marks",), adjust=_revealed,
        sql="SELECT p.number AS subject, r.side, r.revealed_at AS at, r.revealed_entry_id AS entry_id, x.code AS rater, y.code AS rated,"
        f" r.affiliated, r.overall, r.marks {_RATINGS} WHERE r.revealed_at IS NOT NULL",
    ),
    Comparer(
        "rating.replied", "rating", ("subject", "side"),
        sql=f"SELECT p.number AS subject, r.side, r.replied_at AS at, r.reply {_RATINGS} WHERE r.replied_at IS NOT NULL",
    ),
)  # fmt: skip


async def check_sealed_marks() -> list[Finding]:
    """Marks that the register knows by a digest only: the private facts behind it must be the marks of the row."""
    rows = await fetch(
        "SELECT e.id, e.subject, e.data ->> 'side' AS side, x.facts -> 'marks' AS said, r.marks FROM register_entry e"
        " JOIN register_private x ON x.entry_id = e.id JOIN project p ON p.number = e.subject"
        " JOIN rating r ON r.project_id = p.id AND r.side = e.data ->> 'side'"
        " WHERE e.kind = 'rating.given' AND x.facts -> 'marks' IS DISTINCT FROM r.marks"
    )
    return [
        Finding("altered", "rating", f"{row['subject']} {row['side']}", f"marks were {from_json(row['said'])}, are {from_json(row['marks'])}", row["id"])
        for row in rows
    ]  # fmt: skip
