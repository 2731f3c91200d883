"""Cases against firms: every step as it was recorded, and the words behind the digests."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, Facts, words_altered
from market.kernel.db import fetch
from market.register.audit import Finding
from ratings.cases.rules import Measure, is_published, party_of

_CASES = "FROM conduct_case c JOIN organisation o ON o.id = c.organisation_id"
_FIRST = "(SELECT m.{column} FROM case_measure m WHERE m.case_id = c.id ORDER BY m.id LIMIT 1)"
_LAST = "(SELECT m.{column} FROM case_measure m WHERE m.case_id = c.id ORDER BY m.id DESC LIMIT 1)"
_FILES = "(SELECT count(*) FROM conduct_case_file f WHERE f.case_id = c.id AND f.step = '{step}')"


def _decided(facts: Facts) -> Facts:
    """A firm is named only where the decision is published, and what was decided only where something was."""
    party = party_of(facts.pop("kind"))
    if facts["outcome"] == "unfounded":
        return _without(facts, "measure", "months", "violation", "legal_cause", "organisation")
    return facts if is_published(Measure(facts["measure"]), party) else _without(facts, "organisation")


def _appeal_decided(facts: Facts) -> Facts:
    names = () if facts["outcome"] == "changed" else ("measure", "months")
    first, party = Measure(facts.pop("first")), party_of(facts.pop("kind"))
    return _without(facts, *names, *(() if is_published(first, party) else ("organisation",)))


def _without(facts: Facts, *names: str) -> Facts:
    return {name: value for name, value in facts.items() if name not in names}


COMPARERS = (
    Comparer(
        "case.opened", "conduct_case", ("case",),
        sql='SELECT c.id AS "case", c.entry_id, c.number AS subject, c.recorded_at AS at, a.code AS by'
        f" {_CASES} JOIN organisation a ON a.id = c.authority_id",
    ),
    Comparer(
        "case.notified", "conduct_case", ("case",),
        sql=f'SELECT c.id AS "case", c.number AS subject, c.notified_at AS at, c.defence_due_at, {_FILES.format(step="evidence")} AS files,'
        " (SELECT count(*) FROM conduct_case_proof p WHERE p.case_id = c.id) AS entries"
        f" {_CASES} WHERE c.notified_at IS NOT NULL",
    ),
    Comparer(
        "case.stated", "conduct_case_statement", ("entry_id",),
        sql='SELECT c.id AS "case", s.entry_id, c.number AS subject, s.stated_at AS at FROM conduct_case_statement s'
        " JOIN conduct_case c ON c.id = s.case_id",
    ),
    Comparer(
        "case.hearing_set", "conduct_case", ("case",),
        sql=f'SELECT c.id AS "case", c.number AS subject, c.hearing_at {_CASES} WHERE c.hearing_at IS NOT NULL',
    ),
    Comparer(
        "case.heard", "conduct_case", ("case",),
        sql=f'SELECT c.id AS "case", c.number AS subject, c.heard_at AS at, {_FILES.format(step="hearing")} AS files'
        f" {_CASES} WHERE c.heard_at IS NOT NULL",
    ),
    Comparer(
        "case.decided", "conduct_case", ("case",), adjust=_decided,
        sql='SELECT c.id AS "case", c.decision_entry_id AS entry_id, c.number AS subject, c.decided_at AS at, c.outcome, c.violation,'
        f" c.legal_cause, o.kind, o.code AS organisation, {_FIRST.format(column='kind')} AS measure, {_FIRST.format(column='months')} AS months"
        f" {_CASES} WHERE c.decided_at IS NOT NULL",
    ),
    Comparer(
        "case.talk_held", "case_talk", ("case",),
        sql=f'SELECT c.id AS "case", t.entry_id, c.number AS subject, t.held_at AS at, {_FILES.format(step="talk")} AS files {_CASES}'
        " JOIN case_talk t ON t.case_id = c.id WHERE t.held_at IS NOT NULL",
    ),
    Comparer(
        "case.talk_set", "case_talk", ("case",),
        sql=f'SELECT c.id AS "case", c.number AS subject, t.talk_at {_CASES} JOIN case_talk t ON t.case_id = c.id',
    ),
    Comparer(
        "case.appealed", "conduct_case", ("case",),
        sql=f'SELECT c.id AS "case", c.number AS subject, c.appealed_at AS at, {_FILES.format(step="appeal")} AS files'
        f" {_CASES} WHERE c.appealed_at IS NOT NULL",
    ),
    Comparer(
        "case.appeal_decided", "conduct_case", ("case",), adjust=_appeal_decided,
        sql='SELECT c.id AS "case", c.appeal_entry_id AS entry_id, c.number AS subject, c.appeal_decided_at AS at,'
        f" c.appeal_outcome AS outcome, o.kind, o.code AS organisation, {_LAST.format(column='kind')} AS measure,"
        f" {_LAST.format(column='months')} AS months, {_FIRST.format(column='kind')} AS first {_CASES} WHERE c.appeal_decided_at IS NOT NULL",
    ),
    Comparer(
        "case.repair_asked", "case_repair", ("case", "at"),
        sql='SELECT c.id AS "case", c.number AS subject, r.asked_at AS at, o.code AS by FROM case_repair r'
        " JOIN conduct_case c ON c.id = r.case_id JOIN organisation o ON o.id = c.organisation_id",
    ),
    Comparer(
        "case.repair_decided", "case_repair", ("entry_id",),
        sql='SELECT c.id AS "case", r.entry_id, c.number AS subject, r.decided_at AS at, r.outcome, o.code AS organisation FROM case_repair r'
        " JOIN conduct_case c ON c.id = r.case_id JOIN organisation o ON o.id = c.organisation_id WHERE r.decided_at IS NOT NULL",
    ),
)  # fmt: skip
_WORDS = """
SELECT e.id, c.number AS name FROM conduct_case c JOIN register_entry e ON e.id = c.entry_id JOIN register_private x ON x.entry_id = e.id
WHERE (x.facts ->> 'facts', x.facts ->> 'violation', x.facts ->> 'legal_cause', x.facts ->> 'organisation', x.facts ->> 'occurred_on')
      IS DISTINCT FROM (c.facts, c.violation, c.legal_cause, (SELECT code FROM organisation o WHERE o.id = c.organisation_id),
                        c.occurred_on::text)
UNION ALL SELECT e.id, c.number FROM conduct_case_statement s JOIN conduct_case c ON c.id = s.case_id
JOIN register_entry e ON e.id = s.entry_id JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'text' IS DISTINCT FROM s.text
UNION ALL SELECT e.id, c.number FROM conduct_case c JOIN register_entry e ON e.id = c.decision_entry_id
JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'reasons' IS DISTINCT FROM c.reasons
UNION ALL SELECT e.id, c.number FROM conduct_case c JOIN register_entry e ON e.id = c.appeal_entry_id
JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'reasons' IS DISTINCT FROM c.appeal_reasons
UNION ALL SELECT e.id, c.number FROM case_talk t JOIN conduct_case c ON c.id = t.case_id JOIN register_entry e ON e.id = t.entry_id
JOIN register_private x ON x.entry_id = e.id
WHERE (x.facts ->> 'present', x.facts ->> 'minutes') IS DISTINCT FROM (t.present, t.minutes)
UNION ALL SELECT e.id, c.number FROM case_repair r JOIN conduct_case c ON c.id = r.case_id JOIN register_entry e ON e.id = r.entry_id
JOIN register_private x ON x.entry_id = e.id WHERE x.facts ->> 'reasons' IS DISTINCT FROM r.reasons
UNION ALL SELECT e.id, c.number FROM conduct_case c
JOIN register_entry e ON e.subject = c.number AND e.kind IN ('case.appealed', 'case.heard')
JOIN register_private x ON x.entry_id = e.id
WHERE coalesce(x.facts ->> 'text', x.facts ->> 'minutes') IS DISTINCT FROM CASE e.kind WHEN 'case.heard' THEN c.hearing_minutes ELSE c.appeal END
"""
# A measure, an entry on the restricted list and a decision stand and fall together; nobody gets there in another way.
_UNDECIDED = """
SELECT l.id::text AS name, 'list_entry' AS "table" FROM list_entry l
WHERE l.list = 'restricted' AND NOT EXISTS (SELECT FROM case_measure m WHERE m.list_entry_id = l.id)
UNION ALL SELECT c.number, 'case_measure' FROM case_measure m JOIN conduct_case c ON c.id = m.case_id
WHERE c.outcome IS DISTINCT FROM 'founded' OR (m.ended_at IS NULL AND c.appeal_outcome = 'annulled')
"""


async def check_cases() -> list[Finding]:
    return await words_altered("conduct_case", _WORDS) + [
        Finding("extra", row["table"], row["name"], "no decision of a case put it there")
        for row in await fetch(_UNDECIDED)
    ]
