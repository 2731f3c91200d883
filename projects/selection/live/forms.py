"""The form of a live bid: one amount."""

from __future__ import annotations

from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.forms import Fields
from projects.selection.methods.terms import Quote

LABELS: Final = {Quote.PRICE: N_("Your bid"), Quote.DISCOUNT: N_("Your discount")}


def parse_bid(form: FormMultiDict, quote: Quote) -> int:
    """Fen, or basis points of discount. Raises FormInvalid."""
    fields = Fields(form)
    if quote is Quote.PRICE:
        amount = fields.money("quoted", LABELS[quote])
        fields.check()
        assert amount is not None
        return amount.fen
    found = _percent(fields)
    fields.check()
    return found


def _percent(fields: Fields) -> int:
    """ "12" or "12.34": hundredths of a percent are basis points, as fen are hundredths of a yuan."""
    text = fields.text("quoted", LABELS[Quote.DISCOUNT], max_length=20).removesuffix("%").strip()
    try:
        return Money.parse(text).fen
    except ValueError:
        if not fields.errors:
            fields.wrong("quoted", N_("A discount is a percentage such as 12 or 12.34."))
        return 0
