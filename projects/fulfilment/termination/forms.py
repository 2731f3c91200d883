"""What the page of the end of a contract sends for an end by agreement."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.fulfilment.forms import REASON_MAX, REASON_MIN
from projects.fulfilment.termination.actions import NewTermination
from projects.fulfilment.termination.queries import CAUSES


def parse_termination(form: FormMultiDict) -> NewTermination:
    fields = Fields(form)
    cause = fields.choice("cause", N_("Cause"), tuple(CAUSES))
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    settlement = fields.money("settlement", N_("Settlement for work in hand"), positive=False)
    fields.check()
    assert settlement is not None
    return NewTermination(cause, reason, settlement.fen)
