"""The form of a live bid: one amount."""

from __future__ import annotations

from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
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
    share = fields.percent("quoted", LABELS[quote])
    fields.check()
    assert share is not None
    return share
