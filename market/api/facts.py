"""What acts say, kind by kind, as the description of the interface tells it. Which members there are says the register
(`market.register.facts`); here stands what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from agencies.rules import IMPORTED_LISTS
from market.api.shapes import PLAIN
from market.kernel.i18n import N_
from market.payments.bond_rules import Ended, Mode
from market.register.acts import NAMES
from market.register.facts import facts_of
from projects.complaints.rules import Decision as ComplaintDecision
from projects.complaints.rules import Remedy, Standing
from projects.contracts.rules import Side
from projects.disputes.rules import Kind as DisputeKind
from projects.disputes.rules import Referral
from projects.fulfilment.clock.rules import Kind as ClockKind
from projects.fulfilment.rescission.rules import Ground
from projects.selection.methods import METHODS
from projects.selection.objections.rules import Decision as ObjectionDecision
from projects.selection.objections.rules import Remedy as ObjectionRemedy
from projects.selection.rounds.rules import Annulment
from projects.verdicts.rules import Outcome as Verdict
from ratings.cases.rules import Appeal, Measure, Violation
from ratings.evaluations.rules import Side as RatingSide
from ratings.honours.rules import Level
from ratings.lists.rules import LISTS
from ratings.tips.rules import About
from ratings.tips.rules import Outcome as TipOutcome

Schema = dict[str, Any]
_ANY: Final[Schema] = {"$ref": f"#/components/schemas/{PLAIN}"}
_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer"}
_FLAG: Final[Schema] = {"type": "boolean"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_LIST: Final[Schema] = {"type": "array", "items": _ANY}
_OBJECT: Final[Schema] = {"type": "object", "additionalProperties": _ANY}
_FEN: Final[Schema] = {"type": "integer", "description": N_("Amount in fen, a hundredth of a yuan.")}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time", "description": N_("Moment in UTC.")}
_DAY: Final[Schema] = {"type": "string", "format": "date", "description": N_("Day in Beijing.")}
_SHA256: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": N_("SHA-256 in hexadecimal.")}
_CODE: Final[Schema] = {"type": "string", "description": N_("Unified social credit code.")}
_ID: Final[Schema] = {"type": "string", "format": "uuid"}


def _one_of(values: Iterable[Any]) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


# By the end of a member's name: units are part of names everywhere.
_ENDINGS: Final[Mapping[str, Schema]] = {
    "_fen": _FEN, "_at": _MOMENT, "_on": _DAY, "sha256": _SHA256, "_days": _NUMBER, "_no": _NUMBER, "_round": _NUMBER,
}  # fmt: skip
_NAMED: Final[Mapping[str, Schema]] = {
    **dict.fromkeys(("agency", "owner", "organisation", "winner", "rater", "rated", "branch_of"), _CODE),
    **dict.fromkeys(("objection", "complaint", "hold", "case", "honour", "entry", "evidence", "upload", "closed"), _ID),
    **dict.fromkeys(
        ("no", "count", "signed_up", "eligible", "needed", "size", "seats", "place", "practitioners", "milestone", "delivery", "days",
         "times", "returns", "returns_before", "corrects", "payments", "finished_jobs", "lines", "added", "changed", "gone", "kept",
         "merged", "entries", "months", "overall", "satisfaction", "files", "year"), _NUMBER),
    **dict.fromkeys(
        ("restarts_window", "own_wish", "reached", "at_odds", "one_sided", "by_silence", "received", "affiliated", "hearing", "working",
         "provisional"), _FLAG),
    **dict.fromkeys(("service_items", "specialities"), _TEXTS),
    **dict.fromkeys(("entrants", "excluded", "bids", "proposals", "experts", "marks", "qualifications", "changes", "reasons"), _LIST),
    **dict.fromkeys(("commitment", "certificates"), _OBJECT),
    **dict.fromkeys(("day", "effective_from", "valid_until"), _DAY),
    **dict.fromkeys(
        ("from", "until", "deadline", "since", "overdue_since", "suspended_until", "restricted_until", "removed_until", "paused_until"),
        _MOMENT),
    **dict.fromkeys(
        ("name", "reason", "region", "title", "algorithm", "rulebook", "catalogue", "beacon_chain", "step", "salt", "winner_name",
         "purpose", "cause", "by_kind", "decision", "answer", "legal_cause", "number", "authority", "rule", "to", "reference", "contract",
         "payable", "document", "correction", "dispute", "event", "points", "source", "issuer", "screen", "version", "outcome",
         "jurisdiction", "old", "new", "note", "how", "reply", "score"), _TEXT),
    "rules": _TEXTS,
    "file": _SHA256,
    "missing": {"type": "array", "items": _one_of(Side)},
    "method": _one_of(METHODS),
    "access": _one_of(("open", "invited")),
    "list": _one_of((*LISTS, *IMPORTED_LISTS)),
    "mode": _one_of(Mode),
    "kind": _one_of((*DisputeKind, *ClockKind, "signed")),
    "side": _one_of(Side),
    "breach_by": _one_of(Side),
    "standing": _one_of(Standing),
    "remedy": _one_of(Remedy),
    "ground": _one_of(Ground),
    "why": _one_of(Referral),
    "about": _one_of(About),
    "measure": _one_of(Measure),
    "violation": _one_of(Violation),
    "level": _one_of(Level),
}  # fmt: skip
# Where a name means something of its own in a kind.
_OF_KIND: Final[Mapping[str, Schema]] = {
    "agency.changed.changes": _LIST,
    "project.amended.changes": {**_OBJECT, "description": N_("Member of the notice -> what it said before, and says from here on.")},
    "project.failed.reason": _one_of(Annulment),
    "objection.answered.decision": _one_of(ObjectionDecision),
    "objection.answered.remedy": _one_of(ObjectionRemedy),
    "complaint.decided.decision": _one_of(ComplaintDecision),
    "complaint.decided.reasons": _TEXT,
    "complaint.decided.excluded": _CODE,
    "contract.documented.kind": _one_of(("signed",)),
    "contract.in_force.owner": _CODE,
    "clock.asked.kind": _one_of(ClockKind),
    "delivery.made.files": {"type": "array", "items": _SHA256},
    "bond.ended.how": _one_of(Ended),
    "bond.claim_answered.answer": _one_of(("agreed", "refused")),
    "dispute.opened.kind": _one_of(DisputeKind),
    "verdict.recorded.outcome": _one_of(Verdict),
    "verdict.corrected.outcome": _one_of(Verdict),
    "tip.answered.outcome": _one_of(TipOutcome),
    **{f"rating.{act}.side": _one_of(get_args(RatingSide)) for act in ("given", "revealed", "replied", "struck", "restored")},
    "rating.revealed.marks": {"type": "object", "additionalProperties": _NUMBER},
    "standing.changed.score": _NUMBER,
    "case.decided.outcome": _one_of(("founded", "unfounded")),
    "case.appeal_decided.outcome": _one_of(Appeal),
    "case.repair_decided.outcome": _one_of(("granted", "refused")),
    "flag.reviewed.version": _NUMBER,
    "flag.reviewed.outcome": _one_of(("founded", "unfounded")),
    "honour.decided.outcome": _one_of(("accepted", "refused")),
    "termination.decided.decision": _one_of(("upheld", "rejected")),
}  # fmt: skip


def shape_of(kind: str, member: str) -> Schema:
    """Raises LookupError for a member of which nobody has said what it is."""
    known = _OF_KIND.get(f"{kind}.{member}") or _NAMED.get(member)
    ending = next((shape for end, shape in _ENDINGS.items() if member.endswith(end)), None)
    if known is None and ending is None:
        raise LookupError(f"{member} of {kind} has no shape")
    return known or ending or {}


def component_of(kind: str) -> str:
    """agency.admitted -> FactsOfAgencyAdmitted"""
    return "FactsOf" + "".join(part.capitalize() for part in kind.replace(".", "_").split("_"))


def components() -> dict[str, Schema]:
    """For each kind of act what its entry says. A later version may say more."""
    return {component_of(kind): _facts(kind) for kind in NAMES}


def _facts(kind: str) -> Schema:
    members = facts_of(kind)
    shapes = {
        name: shape_of(kind, name) if always else _or_null(shape_of(kind, name)) for name, always in members.items()
    }
    named: Schema = {"properties": shapes, "required": [name for name, always in members.items() if always]}
    return {"type": "object", "description": NAMES[kind], **(named if members else {}), "additionalProperties": _ANY}


def _or_null(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]}


def by_kind() -> list[Schema]:
    """Conditions for the schema of an entry: its `kind` says what its `data` are."""
    return [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"properties": {"data": {"$ref": f"#/components/schemas/{component_of(kind)}"}}},
        }
        for kind in NAMES
    ]
