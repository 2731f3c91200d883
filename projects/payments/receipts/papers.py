"""A receipt on paper."""

from __future__ import annotations

from market.kernel.capitals import in_capitals
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.display import money
from projects.contracts.terms import Party
from projects.payments.overdue.queries import TermView
from projects.payments.receipts.queries import KINDS, Receipt
from projects.payments.sheets import Sheet

_HELD = Message(
    N_(
        "Alipay keeps this money in the agency's own pending account until the work is accepted. The market never holds it."
    )
)
_NO_INVOICE = Message(N_("A receipt proves that money moved. It is no invoice and no proof of tax."))
_BY_BANK = Message(
    N_("The transfer went from bank to bank outside of the market; the agency confirmed that it arrived.")
)


def receipt_sheet(
    receipt: Receipt, term: TermView, owner: Party, agency: Party, *, issuer: str, public_url: str, bilingual: bool
) -> Sheet:
    reference = N_("The bank's reference number") if receipt.kind == "bank" else N_("Alipay's number")
    note = {"paid": (_HELD,), "bank": (_BY_BANK,)}.get(receipt.kind, ())
    return Sheet(
        title=Message(N_("Receipt of payment")), number=receipt.number, issuer=issuer, on=receipt.on, about=term.title,
        facts=(
            (Message(N_("Movement")), Message(KINDS[receipt.kind])),
            (Message(N_("Amount")), f"{money(receipt.amount)}　{in_capitals(receipt.amount)}"),
            (Message(N_("Day")), receipt.on.isoformat()),
            (Message(N_("Booked at")), Message("{at}", {"at": receipt.at})),
            (Message(N_("Owner")), f"{owner.name}（{owner.code}）"),
            (Message(N_("Agency")), f"{agency.name}（{agency.code}）"),
            (Message(N_("Contract and payment")), f"{term.contract} · {term.reference}"),
            (Message(reference), receipt.reference),
        ),
        grids=(), notes=(*note, _NO_INVOICE), address=f"{public_url}{receipt.url}", bilingual=bilingual,
        entries=[f"{public_url}/register/entries/{receipt.entry_id}"] if receipt.entry_id else [],
    )  # fmt: skip
