"""The forms of objections: objecting, the owner's statement, the operator's answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.selection.objections.actions import Answer
from projects.selection.objections.rules import Decision, Remedy

LABELS: Final[Mapping[str, str]] = {
    "grounds": N_("What you object to, and why"),
    "decision": N_("Decision"),
    "remedy": N_("What follows"),
    "exclude": N_("Agency that is left out"),
    "answer": N_("Reasons of the decision"),
    "legal_cause": N_("Provision it rests on"),
    "statement": N_("Your statement"),
}
GROUNDS_MIN, GROUNDS_MAX = 20, 4000
ANSWER_MIN, ANSWER_MAX = 20, 4000
LEGAL_CAUSE_MIN, LEGAL_CAUSE_MAX = 4, 300


def parse_grounds(form: FormMultiDict) -> str:
    fields = Fields(form)
    grounds = fields.text("grounds", LABELS["grounds"], min_length=GROUNDS_MIN, max_length=GROUNDS_MAX)
    fields.check()
    return grounds


def parse_statement(form: FormMultiDict) -> str:
    fields = Fields(form)
    statement = fields.text("statement", LABELS["statement"], min_length=GROUNDS_MIN, max_length=GROUNDS_MAX)
    fields.check()
    return statement


def parse_answer(
    form: FormMultiDict, *, pool: Collection[str], ids: Mapping[str, UUID], offered: Collection[Remedy]
) -> Answer:
    """`pool`: codes of the agencies in the selection; a further one leaves one of them out, where there are others.
    Raises FormInvalid."""
    fields = Fields(form)
    decision = fields.choice("decision", LABELS["decision"], set(Decision))
    upheld = decision == Decision.UPHELD
    remedy = fields.choice("remedy", LABELS["remedy"], set(offered), required=upheld)
    redraw = upheld and remedy == Remedy.REDRAW and Remedy.REOPEN in offered
    exclude = fields.choice("exclude", LABELS["exclude"], pool, required=redraw)
    text = fields.text("answer", LABELS["answer"], min_length=ANSWER_MIN, max_length=ANSWER_MAX)
    legal_cause = fields.text(
        "legal_cause", LABELS["legal_cause"], min_length=LEGAL_CAUSE_MIN, max_length=LEGAL_CAUSE_MAX
    )
    fields.check()
    left_out = ids[exclude] if redraw else None
    return Answer(Decision(decision), text, legal_cause, Remedy(remedy) if upheld else None, left_out)
