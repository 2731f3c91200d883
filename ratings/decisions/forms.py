"""What the pages of decisions on lists send."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields

REASON_MIN, REASON_MAX = 10, 500


def parse_reason(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reason", N_("Reason"), max_length=REASON_MAX, min_length=REASON_MIN)
    fields.check()
    return reason
