"""Disputes on milestones: every act against its row, and what was said against its digest."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, words_altered
from market.kernel.db import fetch
from market.register.audit import Finding

_FROM = (
    "FROM dispute d JOIN contract c ON c.id = d.contract_id JOIN project p ON p.id = c.project_id"
    " JOIN contract_milestone m ON m.id = d.milestone_id JOIN organisation o ON o.id = c.owner_id"
    " JOIN organisation a ON a.id = c.agency_id LEFT JOIN organisation r ON r.id = d.authority_id"
)
_SAID = "SELECT d.number AS dispute, c.number AS contract, m.no AS milestone, p.number AS subject"
_OTHER = "CASE d.side WHEN 'owner' THEN a.code ELSE o.code END"
_OFFERS = f"{_FROM} JOIN dispute_proposal q ON q.dispute_id = d.id"
_OFFERED = f"{_SAID}, q.no, q.proposed_at AS at, q.refund_fen, q.due_at"
_FILES = "(SELECT count(*) FROM dispute_evidence e WHERE e.dispute_id = d.id AND e.added_at ="


def _words(side: str, code: str) -> str:
    return f"{_SAID}, '{side}' AS side, d.{side}_word_at AS at, {code}.code AS by {_FROM} WHERE d.{side}_word_at IS NOT NULL"


def _replies(side: str, code: str) -> str:
    return (
        f"{_SAID}, q.no, '{side}' AS side, q.{side}_answered_at AS at, {code}.code AS by, q.{side}_answer AS reply {_OFFERS}"
        f" WHERE q.{side}_answer IS NOT NULL AND q.proposer <> '{side}'"
    )


COMPARERS = (
    Comparer(
        "dispute.opened", "dispute", ("dispute",),
        sql=f"{_SAID}, d.entry_id, d.opened_at AS at, CASE d.side WHEN 'owner' THEN o.code ELSE a.code END AS by, d.side, d.kind,"
        f" d.amount_fen, d.claim_fen, d.answer_due_at, {_FILES} d.opened_at AND e.side = d.side) AS files {_FROM}",
    ),
    Comparer(
        "dispute.answered", "dispute", ("dispute",),
        sql=f"{_SAID}, d.answered_at AS at, {_OTHER} AS by, d.mediation_due_at, {_FILES} d.answered_at AND e.side <> d.side) AS files {_FROM}"
        " WHERE d.answered_at IS NOT NULL",
    ),
    Comparer(
        "dispute.unanswered", "dispute", ("dispute",),
        sql=f"{_SAID}, d.mediation_since AS at, d.mediation_due_at {_FROM}"
        " WHERE d.mediation_since IS NOT NULL AND d.mediation_since IS DISTINCT FROM d.answered_at",
    ),
    Comparer(
        "dispute.evidenced", "dispute_evidence", ("dispute", "side", "at"),
        sql=f"{_SAID}, e.side, e.added_at AS at, count(*) AS files {_FROM} JOIN dispute_evidence e ON e.dispute_id = d.id"
        " WHERE e.added_at IS DISTINCT FROM CASE WHEN e.side = d.side THEN d.opened_at ELSE d.answered_at END"
        " GROUP BY d.number, c.number, m.no, p.number, e.side, e.added_at",
    ),
    Comparer("dispute.taken", "dispute", ("dispute",),
             sql=f"{_SAID}, d.taken_at AS at {_FROM} WHERE d.taken_at IS NOT NULL"),
    Comparer("dispute.mediated", "dispute_proposal", ("dispute", "no"), sql=f"{_OFFERED} {_OFFERS} WHERE q.proposer = 'operator'"),
    Comparer(
        "dispute.offered", "dispute_proposal", ("dispute", "no"),
        sql=f"{_OFFERED}, CASE q.proposer WHEN 'owner' THEN o.code ELSE a.code END AS by {_OFFERS} WHERE q.proposer <> 'operator'",
    ),
    Comparer(
        "dispute.replied", "dispute_proposal", ("dispute", "no", "side"),
        sql=f"{_replies('owner', 'o')} UNION ALL {_replies('agency', 'a')}",
    ),
    Comparer(
        "dispute.referred", "dispute", ("dispute",),
        sql=f"{_SAID}, d.referred_at AS at, d.referral AS why, d.ruling_due_at {_FROM} WHERE d.referred_at IS NOT NULL",
    ),
    Comparer(
        "dispute.prepared", "dispute", ("dispute",),
        sql=f"{_SAID}, d.prepared_at AS at, r.code AS by, d.heard_due_at {_FROM} WHERE d.prepared_at IS NOT NULL",
    ),
    Comparer(
        "dispute.heard", "dispute", ("dispute", "side"), sql=f"{_words('owner', 'o')} UNION ALL {_words('agency', 'a')}",
    ),
    Comparer(
        "dispute.settled", "dispute", ("dispute",),
        sql=f"{_SAID}, d.decided_at AS at, d.refund_fen, d.amount_fen - d.refund_fen AS release_fen, q.no {_OFFERS}"
        " WHERE d.outcome = 'agreement' AND q.ended = 'accepted'",
    ),
    Comparer(
        "dispute.ruled", "dispute", ("dispute",),
        sql=f"{_SAID}, d.decided_at AS at, r.code AS by, d.refund_fen, d.amount_fen - d.refund_fen AS release_fen, d.legal_cause"
        f" {_FROM} WHERE d.outcome = 'ruling'",
    ),
    Comparer(
        "dispute.owed_back", "dispute", ("dispute",),
        sql=f"{_SAID}, d.back_fen, d.back_due_at AS due_at {_FROM} WHERE d.back_fen IS NOT NULL",
    ),
    Comparer(
        "dispute.transferred", "dispute_transfer", ("dispute", "at"),
        sql=f"{_SAID}, t.stated_at AS at, a.code AS by, d.back_fen {_FROM} JOIN dispute_transfer t ON t.dispute_id = d.id",
    ),
    Comparer(
        "dispute.transfer_answered", "dispute_transfer", ("dispute", "at"),
        sql=f"{_SAID}, t.answered_at AS at, o.code AS by, t.answer = 'confirmed' AS received {_FROM}"
        " JOIN dispute_transfer t ON t.dispute_id = d.id AND t.answer IS NOT NULL",
    ),
    Comparer(
        "dispute.executed", "dispute", ("dispute",),
        sql=f"{_SAID}, d.executed_at AS at, coalesce(d.back_fen, 0) AS back_fen {_FROM} WHERE d.executed_at IS NOT NULL",
    ),
    Comparer(
        "dispute.withdrawn", "dispute", ("dispute",),
        sql=f"{_SAID}, d.withdrawn_at AS at, CASE d.side WHEN 'owner' THEN o.code ELSE a.code END AS by {_FROM}"
        " WHERE d.withdrawn_at IS NOT NULL",
    ),
    Comparer(
        "dispute.overtaken", "dispute", ("dispute",),
        sql=f"{_SAID}, d.overtaken_at AS at {_FROM} WHERE d.overtaken_at IS NOT NULL",
    ),
)  # fmt: skip

# What the private facts of an act say, and where the row says it.
_PRIVATE = (
    ("dispute.opened", "statement", "d.statement"),
    ("dispute.answered", "answer", "d.answer"),
    ("dispute.ruled", "reasons", "d.reasons"),
    ("dispute.heard", "word", "CASE e.data ->> 'side' WHEN 'owner' THEN d.owner_word ELSE d.agency_word END"),
)


async def check_words() -> list[Finding]:
    found: list[Finding] = []
    for kind, name, column in _PRIVATE:
        found += await words_altered(
            "dispute",
            "SELECT e.id, d.number AS name FROM dispute d JOIN register_entry e ON e.kind = $1 AND e.data ->> 'dispute' = d.number"
            f" JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> $2 IS DISTINCT FROM {column}",
            kind, name,
        )  # fmt: skip
    return found + await _evidence()


async def _evidence() -> list[Finding]:
    """Every file that was put forward is still the file whose fingerprint was recorded."""
    rows = await fetch(
        "SELECT d.number AS name, s.sha256 FROM dispute_evidence v JOIN dispute d ON d.id = v.dispute_id"
        " JOIN stored_file s ON s.id = v.file_id WHERE NOT EXISTS (SELECT 1 FROM register_entry e"
        " JOIN register_private x ON x.entry_id = e.id WHERE e.kind IN ('dispute.opened', 'dispute.answered', 'dispute.evidenced')"
        " AND e.data ->> 'dispute' = d.number AND e.at = v.added_at AND x.facts -> 'files' ? s.sha256)"
    )
    return [
        Finding("altered", "dispute_evidence", row["name"], f"no act put {row['sha256'][:12]} forward", None)
        for row in rows
    ]
