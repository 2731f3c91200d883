"""How contracts in force end early: by agreement, or by the notice of one side; and the settlement that follows."""

from __future__ import annotations

from market.cli.audit.comparing import Comparer, Facts, canonical_sha256, fingerprint_of
from market.cli.audit.fulfilment import CONTRACTS, answered

_ASKED = f"{CONTRACTS} JOIN contract_termination t ON t.contract_id = c.id"
_ASKED_SAID = "SELECT c.number AS contract, t.no, p.number AS subject"
_WARNED = f"{CONTRACTS} JOIN contract_warning w ON w.contract_id = c.id"
_NOTICES = (
    f"{CONTRACTS} JOIN contract_rescission r ON r.contract_id = c.id LEFT JOIN organisation x ON x.id = r.decided_for"
)
_SAID = "SELECT c.number AS contract, r.no, p.number AS subject"
_SETTLED = f"{CONTRACTS} JOIN contract_settlement s ON s.contract_id = c.id"
_BY_SIDE = "CASE r.side WHEN 'owner' THEN o.code ELSE a.code END"
_BY_OTHER = "CASE r.side WHEN 'owner' THEN a.code ELSE o.code END"
_KEY = ("contract", "no")


_fingerprint = fingerprint_of("statement", canonical_sha256)
_SUMS = ("accepted_fen", "paid_fen", "settlement_fen", "owed_fen", "refund_fen")


def _stated(facts: Facts) -> Facts:
    """The sums are taken anew from the statement that is stored as well."""
    return _fingerprint(facts | {name: facts["statement"].get(name) for name in _SUMS})


COMPARERS = (
    Comparer(
        "termination.asked", "contract_termination", _KEY,
        sql=f"{_ASKED_SAID}, t.asked_at AS at, t.cause, t.reason, t.settlement_fen, t.side, t.answer_due_at {_ASKED}",
    ),
    *answered("termination", "contract_termination", said=_ASKED_SAID, rows=_ASKED, alias="t"),
    Comparer(
        "contract.terminated", "contract", ("contract",),
        sql=f"{_ASKED_SAID}, t.answered_at AS at, t.cause, t.settlement_fen, false AS one_sided {_ASKED} WHERE t.answer = 'agreed'"
        f" UNION ALL {_SAID}, r.ended_at, r.ground, coalesce(r.decided_settlement_fen, r.settlement_fen), true {_NOTICES}"
        " WHERE r.outcome = 'in_effect'",
    ),
    Comparer(
        "termination.warned", "contract_warning", _KEY,
        sql="SELECT c.number AS contract, w.no, p.number AS subject, w.warned_at AS at, w.ground, w.side, w.milestone, w.overdue_since,"
        f" w.reason, w.cure_due_at, CASE w.side WHEN 'owner' THEN o.code ELSE a.code END AS by {_WARNED}",
    ),
    Comparer(
        "termination.notified", "contract_rescission", _KEY,
        sql=f"{_SAID}, r.notified_at AS at, {_BY_SIDE} AS by, r.ground, r.side, r.reason, r.settlement_fen, r.objection_due_at {_NOTICES}",
    ),
    Comparer(
        "termination.withdrawn", "contract_rescission", _KEY,
        sql=f"{_SAID}, r.ended_at AS at, {_BY_SIDE} AS by {_NOTICES} WHERE r.outcome = 'withdrawn'",
    ),
    Comparer(
        "termination.cured", "contract_rescission", _KEY,
        sql=f"{_SAID}, r.ended_at AS at {_NOTICES} WHERE r.outcome = 'cured'",
    ),
    Comparer(
        "termination.objected", "contract_rescission", _KEY,
        sql=f"{_SAID}, r.objected_at AS at, {_BY_OTHER} AS by, r.objection AS reason, r.decide_due_at {_NOTICES}"
        " WHERE r.objected_at IS NOT NULL",
    ),
    Comparer(
        "termination.decided", "contract_rescission", _KEY,
        sql=f"{_SAID}, r.decided_at AS at, x.code AS by, r.decision, r.decision_reason AS reason,"
        f" r.decided_settlement_fen AS settlement_fen {_NOTICES} WHERE r.decided_at IS NOT NULL",
    ),
    Comparer(
        "settlement.stated", "contract_settlement", ("contract",), json=("statement",), adjust=_stated,
        sql=f"SELECT c.number AS contract, p.number AS subject, s.made_at AS at, s.sha256, s.statement {_SETTLED}",
    ),
    Comparer(
        "settlement.confirmed", "contract_settlement", ("contract", "side"),
        sql="SELECT c.number AS contract, p.number AS subject, 'owner' AS side, s.owner_confirmed_at AS at, o.code AS by, s.sha256"
        f" {_SETTLED} WHERE s.owner_confirmed_at IS NOT NULL UNION ALL SELECT c.number, p.number, 'agency', s.agency_confirmed_at,"
        f" a.code, s.sha256 {_SETTLED} WHERE s.agency_confirmed_at IS NOT NULL",
    ),
)  # fmt: skip
