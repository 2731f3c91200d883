"""What the pages of verdicts send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.fulfilment.forms import read_reasons
from projects.verdicts.actions import NewVerdict
from projects.verdicts.queries import VerdictView
from projects.verdicts.rules import Outcome

AUTHORITY_MAX: Final = 80
DOCUMENT_MAX: Final = 60
REASON_MIN, REASON_MAX = 10, 1000
LABELS: Final = {
    "milestone": N_("Milestone"), "outcome": N_("Verdict"), "authority": N_("Approval authority"),
    "document_number": N_("Document number"), "decided_on": N_("Day of the verdict"), "letter": N_("The authority's letter"),
    "where_1": N_("Where it is"), "what_1": N_("What is wrong, and what is expected"), "compared": N_("Compared with the document"),
    "reason": N_("Why you correct it"),
}  # fmt: skip


@dataclass(frozen=True)
class Correction:
    verdict: NewVerdict
    reason: str


async def parse_verdict(form: FormMultiDict, *, milestones: tuple[int, ...], limit: int) -> tuple[int, NewVerdict]:
    """`milestones`: whose reports may still be decided on; `limit`: bytes a file. Returns (milestone, verdict)."""
    fields = Fields(form)
    milestone = milestones[0] if len(milestones) == 1 else int(
        fields.choice("milestone", LABELS["milestone"], tuple(str(no) for no in milestones)) or 0
    )  # fmt: skip
    outcome = fields.choice("outcome", LABELS["outcome"], (Outcome.PASSED, Outcome.RETURNED))
    verdict = await _verdict(fields, outcome, limit=limit)
    fields.check()
    assert verdict is not None
    return milestone, verdict


async def parse_correction(form: FormMultiDict, old: VerdictView, *, limit: int) -> Correction:
    """Where the verdict was never given nothing else is asked than why it was recorded."""
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], tuple(Outcome))
    reason = fields.text("reason", LABELS["reason"], min_length=REASON_MIN, max_length=REASON_MAX)
    if outcome == Outcome.VOID:
        verdict: NewVerdict | None = NewVerdict(
            Outcome.VOID, old.authority, old.document_number, old.decided_on, (), None
        )
    else:
        verdict = await _verdict(fields, outcome, limit=limit)
    fields.check()
    assert verdict is not None
    return Correction(verdict, reason)


async def _verdict(fields: Fields, outcome: str, *, limit: int) -> NewVerdict | None:
    """None where something is wrong; the caller checks."""
    authority = fields.text("authority", LABELS["authority"], max_length=AUTHORITY_MAX)
    number = fields.text("document_number", LABELS["document_number"], max_length=DOCUMENT_MAX)
    decided_on: date | None = fields.day("decided_on", LABELS["decided_on"])
    reasons = read_reasons(fields) if outcome == Outcome.RETURNED else ()
    letter = await fields.upload("letter", LABELS["letter"], limit=limit, required=False)
    if not fields.flag("compared"):
        fields.wrong("compared", N_("Confirm that you compared this with the authority's document."))
    if fields.errors or decided_on is None:
        return None
    return NewVerdict(Outcome(outcome), authority, number, decided_on, reasons, letter)
