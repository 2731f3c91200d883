"""What the pages of complaints send."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.complaints.actions import NewComplaint
from projects.complaints.rules import Decision, Remedy, Ruling

LABELS: Final[Mapping[str, str]] = {
    "grounds": N_("What you complain about, and why"),
    "request": N_("What you ask the regulator to do"),
    "files": N_("Evidence files"),
    "correction": N_("What you add or put right"),
    "outcome": N_("Result of the examination"),
    "reason": N_("Reason"),
    "decision": N_("Decision"),
    "remedy": N_("What follows"),
    "legal_cause": N_("Provision it rests on"),
    "rule": N_("Rule of the rulebook"),
    "reasons": N_("Reasons of the decision"),
}
TEXT_MIN, TEXT_MAX = 20, 6000
REQUEST_MAX: Final = 1000
REASON_MIN, REASON_MAX = 10, 1000
LEGAL_CAUSE_MIN, LEGAL_CAUSE_MAX = 4, 300
FILES_MOST: Final = 10
OUTCOMES: Final = ("accept", "return", "refuse")


@dataclass(frozen=True)
class Examination:
    """What the regulator makes of a complaint that came in; `reason` is empty where it is accepted."""

    outcome: Literal["accept", "return", "refuse"]
    reason: str


async def parse_complaint(form: FormMultiDict, *, limit: int) -> NewComplaint:
    """`limit`: bytes a file."""
    fields = Fields(form)
    grounds = fields.text("grounds", LABELS["grounds"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    request = fields.text("request", LABELS["request"], max_length=REQUEST_MAX, required=False)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    fields.check()
    return NewComplaint(grounds, request, tuple(uploads))


async def parse_correction(form: FormMultiDict, *, limit: int) -> tuple[str, tuple[Upload, ...]]:
    fields = Fields(form)
    text = fields.text("correction", LABELS["correction"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    fields.check()
    return text, tuple(uploads)


def parse_examination(form: FormMultiDict) -> Examination:
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], OUTCOMES)
    needed = outcome in ("return", "refuse")
    reason = fields.text("reason", LABELS["reason"], min_length=REASON_MIN, max_length=REASON_MAX, required=needed)
    fields.check()
    if outcome == "accept":
        return Examination("accept", "")
    return Examination("return" if outcome == "return" else "refuse", reason)


def parse_reason(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reason", LABELS["reason"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason


def parse_ruling(form: FormMultiDict, *, remedies: Collection[Remedy], rules: Collection[str]) -> tuple[Ruling, bool]:
    """The decision, and whether the page that says what follows was seen."""
    fields = Fields(form)
    decision = fields.choice("decision", LABELS["decision"], set(Decision))
    upheld = decision == Decision.UPHELD
    remedy = fields.choice("remedy", LABELS["remedy"], set(remedies), required=upheld)
    legal_cause = fields.text(
        "legal_cause", LABELS["legal_cause"], min_length=LEGAL_CAUSE_MIN, max_length=LEGAL_CAUSE_MAX
    )
    rule = fields.choice("rule", LABELS["rule"], rules)
    reasons = fields.text("reasons", LABELS["reasons"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    fields.check()
    leave_out = upheld and remedy == Remedy.REDRAW and fields.flag("leave_out_winner")
    ruling = Ruling(Decision(decision), legal_cause, rule, reasons, Remedy(remedy) if upheld else None, leave_out)
    return ruling, fields.flag("confirmed")
