"""What is typed about money: accounts, transfers, answers, and what was done about a difference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.payments.rules import Means
from market.web.forms import Fields

_LOGON = re.compile(r"[^\s@]{1,64}@[^\s@]{1,64}|1[0-9]{10}")
RESOLUTION_LEAST = 6
REASON_LEAST = 6


def parse_means(form: FormMultiDict) -> Means:
    fields = Fields(form)
    means = fields.choice("means", N_("Way to pay"), [str(one) for one in Means])
    fields.check()
    return Means(means)


def parse_account(form: FormMultiDict) -> str:
    """An Alipay account as one signs in with: an e-mail address or a mobile number."""
    fields = Fields(form)
    logon = fields.text("logon_id", N_("Alipay account"), max_length=100)
    if logon and not _LOGON.fullmatch(logon):
        fields.wrong("logon_id", N_("An Alipay account is an e-mail address or a mobile number."))
    if not fields.flag("own"):
        fields.wrong("own", N_("Please confirm that the account belongs to your organisation."))
    fields.check()
    return logon


@dataclass(frozen=True)
class TransferForm:
    amount: Money
    paid_on: date
    bank_reference: str
    proof: Upload | None


async def parse_transfer(form: FormMultiDict, *, owed: Money, today: date, limit: int) -> TransferForm:
    fields = Fields(form)
    amount = fields.money("amount", N_("Amount"))
    paid_on = fields.day("paid_on", N_("Day of the transfer"))
    reference = fields.text("bank_reference", N_("The bank's reference number"), max_length=80)
    proof = await fields.upload("proof", N_("Proof of payment"), limit=limit, required=False)
    if amount is not None and amount != owed:
        fields.wrong("amount", N_("The transfer must be of exactly the amount that is owed."))
    if paid_on is not None and paid_on > today:
        fields.wrong("paid_on", N_("This day has not come yet."))
    fields.check()
    assert amount is not None
    assert paid_on is not None
    return TransferForm(amount, paid_on, reference, proof)


def parse_transfer_answer(form: FormMultiDict) -> tuple[bool, str]:
    """Whether the money came, and if not what was looked for."""
    fields = Fields(form)
    answer = fields.choice("answer", N_("Did the money arrive?"), ("confirmed", "denied"))
    reason = fields.text("reason", N_("Reason"), max_length=500, required=answer == "denied")
    fields.check()
    return answer == "confirmed", reason


def parse_refund_request(form: FormMultiDict) -> tuple[Money, str]:
    fields = Fields(form)
    amount = fields.money("refund", N_("Amount"))
    reason = fields.text("refund_reason", N_("Reason"), max_length=500, min_length=REASON_LEAST)
    fields.check()
    assert amount is not None
    return amount, reason


def parse_refund_answer(form: FormMultiDict) -> tuple[bool, str]:
    """Whether the agency agrees, and if not why."""
    fields = Fields(form)
    answer = fields.choice("refund_answer", N_("Your answer"), ("agree", "refuse"))
    no = answer == "refuse"
    reason = fields.text(
        "refund_refusal", N_("Reason"), max_length=500, min_length=REASON_LEAST if no else 0, required=no
    )
    fields.check()
    return answer == "agree", reason


def parse_resolution(form: FormMultiDict, name: str) -> str:
    """`name`: of the field, because a page may ask about several things."""
    fields = Fields(form)
    text = fields.text(name, N_("What was done"), max_length=500, min_length=RESOLUTION_LEAST)
    fields.check()
    return text
