"""What the pages of disputes send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.forms import Fields
from projects.disputes.actions.agreeing import NewProposal
from projects.disputes.actions.executing import NewTransfer
from projects.disputes.actions.opening import NewDispute
from projects.disputes.actions.ruling import Ruling
from projects.disputes.rules import Division, Kind

LABELS: Final[Mapping[str, str]] = {
    "kind": N_("What the dispute is about"),
    "division": N_("What is to happen with the money"),
    "refund": N_("How much goes back to the owner"),
    "statement": N_("What happened, and why you ask for this"),
    "answer": N_("Your answer"),
    "files": N_("Evidence files"),
    "reasons": N_("Reasons"),
    "reply": N_("Your answer to the proposal"),
    "word": N_("Your last word"),
    "legal_cause": N_("Provision it rests on"),
    "paid_on": N_("Day of the transfer"),
    "bank_reference": N_("The bank's reference number"),
    "received": N_("Did the money arrive?"),
}
TEXT_MIN, TEXT_MAX = 20, 6000
REASON_MIN, REASON_MAX = 10, 2000
LEGAL_CAUSE_MIN, LEGAL_CAUSE_MAX = 4, 300
FILES_MOST: Final = 10


def _refund(fields: Fields, amount: Money) -> int:
    """How much goes back, from the division and, for a part, the amount beside it."""
    division = fields.choice("division", LABELS["division"], set(Division))
    if division != Division.PART:
        return amount.fen if division == Division.REFUND else 0
    part = fields.money("refund", LABELS["refund"])
    if part is not None and part.fen >= amount.fen:
        fields.wrong("refund", N_("A part must be less than the whole amount of {amount}."), amount=amount)
    return part.fen if part else 0


async def parse_dispute(form: FormMultiDict, *, amount: Money, limit: int) -> NewDispute:
    """`limit`: bytes a file."""
    fields = Fields(form)
    kind = fields.choice("kind", LABELS["kind"], set(Kind))
    claim = _refund(fields, amount)
    statement = fields.text("statement", LABELS["statement"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    fields.check()
    return NewDispute(Kind(kind), claim, statement, tuple(uploads))


async def parse_answer(form: FormMultiDict, *, limit: int) -> tuple[str, tuple[Upload, ...]]:
    fields = Fields(form)
    text = fields.text("answer", LABELS["answer"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False)
    fields.check()
    return text, tuple(uploads)


async def parse_evidence(form: FormMultiDict, *, limit: int) -> tuple[Upload, ...]:
    fields = Fields(form)
    uploads = await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST)
    fields.check()
    return tuple(uploads)


def parse_proposal(form: FormMultiDict, *, amount: Money) -> NewProposal:
    fields = Fields(form)
    refund = _refund(fields, amount)
    reasons = fields.text("reasons", LABELS["reasons"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return NewProposal(refund, reasons)


def parse_reply(form: FormMultiDict) -> bool:
    """Whether the proposal is accepted."""
    fields = Fields(form)
    reply = fields.choice("reply", LABELS["reply"], ("accepted", "refused"))
    fields.check()
    return reply == "accepted"


def parse_reason(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reasons", LABELS["reasons"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason


def parse_word(form: FormMultiDict) -> str:
    fields = Fields(form)
    word = fields.text("word", LABELS["word"], min_length=REASON_MIN, max_length=TEXT_MAX)
    fields.check()
    return word


def parse_ruling(form: FormMultiDict, *, amount: Money) -> tuple[Ruling, bool]:
    """The ruling, and whether the page that says what follows was seen."""
    fields = Fields(form)
    refund = _refund(fields, amount)
    cause = fields.text("legal_cause", LABELS["legal_cause"], min_length=LEGAL_CAUSE_MIN, max_length=LEGAL_CAUSE_MAX)
    reasons = fields.text("reasons", LABELS["reasons"], min_length=TEXT_MIN, max_length=TEXT_MAX)
    fields.check()
    return Ruling(refund, cause, reasons), fields.flag("confirmed")


def parse_transfer(form: FormMultiDict, *, today: date) -> NewTransfer:
    fields = Fields(form)
    paid_on = fields.day("paid_on", LABELS["paid_on"])
    reference = fields.text("bank_reference", LABELS["bank_reference"], max_length=80)
    if paid_on is not None and paid_on > today:
        fields.wrong("paid_on", N_("This day has not come yet."))
    fields.check()
    assert paid_on is not None
    return NewTransfer(paid_on, reference)


def parse_received(form: FormMultiDict) -> tuple[bool, str]:
    """Whether the money came, and if not what was looked for."""
    fields = Fields(form)
    received = fields.choice("received", LABELS["received"], ("confirmed", "denied"))
    reason = fields.text("reasons", LABELS["reasons"], max_length=500, required=received == "denied")
    fields.check()
    return received == "confirmed", reason
