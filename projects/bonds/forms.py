"""What is typed about a bond."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.forms import Fields

REASON_MIN: Final = 6
REASON_MAX: Final = 500


def parse_amount(form: FormMultiDict, name: str) -> Money:
    fields = Fields(form)
    amount = fields.money(name, N_("Amount"))
    fields.check()
    assert amount is not None
    return amount


def parse_reason(form: FormMultiDict, name: str) -> str:
    fields = Fields(form)
    reason = fields.text(name, N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason


def parse_claim(form: FormMultiDict) -> tuple[Money, str]:
    fields = Fields(form)
    amount = fields.money("claim_amount", N_("Amount"))
    reason = fields.text("claim_reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    assert amount is not None
    return amount, reason


def parse_answer(form: FormMultiDict, about: str) -> tuple[bool, str]:
    """Yes, or no with a reason. `about`: what the names of its fields begin with."""
    fields = Fields(form)
    answer = fields.choice(f"{about}_answer", N_("Your answer"), ("yes", "no"))
    no = answer == "no"
    reason = fields.text(
        f"{about}_refusal", N_("Reason"), min_length=REASON_MIN if no else 0, max_length=REASON_MAX, required=no
    )
    fields.check()
    return answer == "yes", reason


def parse_ruling(form: FormMultiDict) -> tuple[Money, str]:
    fields = Fields(form)
    granted = fields.money("granted", N_("Amount that the owner gets"), positive=False)
    ruling = fields.text("ruling", N_("Grounds of the ruling"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    assert granted is not None
    return granted, ruling


@dataclass(frozen=True)
class GuaranteeForm:
    number: str
    bank: str
    amount: Money
    valid_until: date
    letter: Upload


async def parse_guarantee(form: FormMultiDict, *, limit: int) -> GuaranteeForm:
    fields = Fields(form)
    number = fields.text("number", N_("Number of the guarantee"), max_length=60)
    bank = fields.text("bank", N_("Bank that guarantees"), max_length=100)
    amount = fields.money("guaranteed", N_("Amount"))
    valid_until = fields.day("valid_until", N_("Valid until"))
    letter = await fields.upload("letter", N_("Letter of guarantee"), limit=limit)
    fields.check()
    assert amount is not None
    assert valid_until is not None
    assert letter is not None
    return GuaranteeForm(number, bank, amount, valid_until, letter)
