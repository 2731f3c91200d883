"""What is typed about invoices. What no owner could accept is refused here; the rest is shown to the owner as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.payments.invoices.rules import CODE, DIGITAL, KINDS, NUMBER, Invoice

LABELS = {
    "kind": N_("Kind of invoice"), "code": N_("Invoice code"), "number": N_("Invoice number"), "issued_on": N_("Day of issue"),
    "amount": N_("Amount, tax included"), "net": N_("Net amount"), "tax": N_("Tax"), "tax_rate": N_("Tax rate (%)"),
    "buyer_name": N_("Buyer's name"), "buyer_code": N_("Buyer's tax code"), "file": N_("Invoice file"),
}  # fmt: skip


@dataclass(frozen=True)
class InvoiceForm:
    invoice: Invoice
    file: Upload


async def parse_invoice(form: FormMultiDict, *, today: date, limit: int) -> InvoiceForm:
    fields = Fields(form)
    kind = fields.choice("kind", LABELS["kind"], tuple(KINDS))
    number = fields.text("number", LABELS["number"], max_length=30)
    code = fields.text("code", LABELS["code"], max_length=20, required=False)
    issued_on = fields.day("issued_on", LABELS["issued_on"])
    amount, net = fields.money("amount", LABELS["amount"]), fields.money("net", LABELS["net"])
    tax = fields.money("tax", LABELS["tax"], positive=False)
    rate = fields.percent("tax_rate", LABELS["tax_rate"])
    buyer_name = fields.text("buyer_name", LABELS["buyer_name"], max_length=100)
    buyer_code = fields.text("buyer_code", LABELS["buyer_code"], max_length=20, required=False)
    file = await fields.upload("file", LABELS["file"], limit=limit)
    _check_number(fields, number, code)
    if issued_on is not None and issued_on > today:
        fields.wrong("issued_on", N_("This day has not come yet."))
    if amount and net and tax is not None and net + tax != amount:
        fields.wrong(
            "tax",
            N_("Net amount and tax must add up to the amount: {sum} is not {amount}."),
            sum=net + tax,
            amount=amount,
        )
    fields.check()
    assert issued_on is not None
    assert amount is not None
    assert net is not None
    assert tax is not None
    assert rate is not None
    assert file is not None
    return InvoiceForm(
        Invoice(kind, code, number, issued_on, buyer_name, buyer_code.upper(), amount.fen, net.fen, tax.fen, rate), file
    )  # fmt: skip


def _check_number(fields: Fields, number: str, code: str) -> None:
    if number and not NUMBER.fullmatch(number):
        fields.wrong("number", N_("An invoice number has 20 digits, or 8 digits beside a code."))
    elif len(number) == DIGITAL and code:
        fields.wrong("code", N_("An invoice with a number of 20 digits has no code: leave it empty."))
    elif number and len(number) != DIGITAL and not CODE.fullmatch(code):
        fields.wrong("code", N_("An invoice code has 10 or 12 digits."))


def parse_answer(form: FormMultiDict) -> tuple[bool, str]:
    """Whether the owner confirms the invoice, and if not what is wrong with it."""
    fields = Fields(form)
    answer = fields.choice("answer", N_("Is the invoice in order?"), ("confirmed", "returned"))
    returned = answer == "returned"
    reason = fields.text("reason", N_("What has to be corrected"), max_length=300, min_length=4, required=returned)
    fields.check()
    return not returned, reason if returned else ""
