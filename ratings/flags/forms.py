"""What the pages of red flags send."""

from __future__ import annotations

from uuid import UUID

from litestar.datastructures import FormMultiDict

from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.flags.actions import Closing
from ratings.flags.queries.desk import FlagView, entry_numbered

TEXT_MIN, TEXT_MAX = 10, 2000
LABELS = {
    "party": N_("Who is asked"), "question": N_("Question"), "outcome": N_("Outcome"), "reason": N_("Reason"),
    "decision": N_("Register entry of the decision"), "answer": N_("Your account"),
}  # fmt: skip


def parse_question(form: FormMultiDict, flag: FlagView) -> tuple[UUID, str]:
    fields = Fields(form)
    party = fields.choice("party", LABELS["party"], [str(one.id) for one in flag.parties])
    question = fields.text("question", LABELS["question"], max_length=TEXT_MAX, min_length=TEXT_MIN)
    fields.check()
    return UUID(party), question


def parse_answer(form: FormMultiDict) -> str:
    fields = Fields(form)
    text = fields.text("answer", LABELS["answer"], max_length=TEXT_MAX, min_length=TEXT_MIN)
    fields.check()
    return text


async def parse_closing(form: FormMultiDict) -> Closing:
    """Raises FormInvalid also where the register has no entry with the number."""
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], ["founded", "unfounded"])
    reason = fields.text("reason", LABELS["reason"], max_length=TEXT_MAX, min_length=TEXT_MIN)
    number = fields.integer("decision", LABELS["decision"], low=1, high=10**12 - 1, required=False)
    fields.check()
    decision = await entry_numbered(number) if number else None
    if number and decision is None:
        raise FormInvalid({"decision": [Message(N_("The register has no entry with this number."))]})
    return Closing(outcome, reason, decision)
