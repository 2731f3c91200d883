"""What the pages of tips send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from market.kernel.errors import FormInvalid, Message
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.tips.actions import NewTip
from ratings.tips.queries import subject_of
from ratings.tips.rules import About, Outcome

LABELS: Final[Mapping[str, str]] = {
    "about": N_("What it is about"),
    "reference": N_("Its number or code"),
    "grounds": N_("What you have to tell"),
    "files": N_("Evidence files"),
    "as": N_("How you tell it"),
    "code": N_("Follow-up code"),
    "text": N_("Message"),
    "outcome": N_("Result"),
    "answer": N_("Answer"),
    "to": N_("Authority"),
    "reason": N_("Reason"),
}
TEXT_MIN, TEXT_MAX = 20, 6000
MESSAGE_MIN, MESSAGE_MAX = 2, 3000
REASON_MIN, REASON_MAX = 5, 500
FILES_MOST: Final = 10
FORM_LENGTH: Final = 32
_UNKNOWN: Final = {
    About.PROJECT: N_("No project has this number. It stands at the top of its page, such as MX-2026-000123."),
    About.FIRM: N_("No firm of this market has this unified code. It stands on the firm's page and has 18 characters."),
    About.EXPERT: N_("No expert has this code. It stands beside the marks of a published result."),
    About.ACT: N_("The register has no entry of this number."),
}


@dataclass(frozen=True)
class Added:
    text: str
    uploads: tuple[Upload, ...]


async def parse_tip(form: FormMultiDict, *, limit: int, signed_in: bool) -> tuple[NewTip, bool]:
    """The tip without its code, and whether it is anonymous. `limit`: bytes a file. Raises FormInvalid."""
    fields = Fields(form)
    about = fields.choice("about", LABELS["about"], list(About))
    needed = about not in ("", About.MARKET)
    reference = fields.text("reference", LABELS["reference"], max_length=60, required=needed)
    subject = await subject_of(About(about), reference) if about and (reference or not needed) else None
    if about and reference and subject is None:
        fields.wrong("reference", _UNKNOWN[About(about)])
    grounds = fields.text("grounds", LABELS["grounds"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    named = fields.choice("as", LABELS["as"], ("named", "anonymous")) == "named" if signed_in else False
    fields.check()
    assert subject is not None
    return NewTip(subject, grounds, tuple(uploads), form_name(form)), not named


def form_name(form: Mapping[str, Any]) -> str:
    """The random name that the form was given when it was shown. Raises FormInvalid for anything else."""
    name = form.get("form")
    if not isinstance(name, str) or len(name) != FORM_LENGTH or not set(name) <= set("0123456789abcdef"):
        raise FormInvalid(
            {"form": [Message(N_("This form is not complete. Open it again; what you wrote can be copied."))]}
        )
    return name


def parse_code(form: FormMultiDict) -> str:
    fields = Fields(form)
    code = fields.text("code", LABELS["code"], max_length=60)
    fields.check()
    return code


async def parse_added(form: FormMultiDict, *, limit: int) -> Added:
    fields = Fields(form)
    text = fields.text("text", LABELS["text"], min_length=MESSAGE_MIN, max_length=MESSAGE_MAX)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    fields.check()
    return Added(text, tuple(uploads))


def parse_question(form: FormMultiDict) -> str:
    fields = Fields(form)
    text = fields.text("text", LABELS["text"], min_length=MESSAGE_MIN, max_length=MESSAGE_MAX)
    fields.check()
    return text


def parse_answer(form: FormMultiDict) -> tuple[Outcome, str]:
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], list(Outcome))
    answer = fields.text("answer", LABELS["answer"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    fields.check()
    return Outcome(outcome), answer


def parse_handover(form: FormMultiDict) -> tuple[UUID, str]:
    fields = Fields(form)
    to_id = fields.identifier("to", LABELS["to"])
    reason = fields.text("reason", LABELS["reason"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    assert to_id is not None
    return to_id, reason
