"""What the page of the time limit sends."""

from __future__ import annotations

from collections.abc import Collection

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.contracts.rules import Side
from projects.fulfilment.clock.actions import NewChange
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.forms import REASON_MAX, REASON_MIN


def parse_change(form: FormMultiDict, side: Side, *, causes: Collection[str], most: int) -> NewChange:
    """`causes`: those of the rulebook; only the agency asks for more time, at most as much again."""
    fields = Fields(form)
    kinds = tuple(Kind) if side is Side.AGENCY else (Kind.SUSPENSION,)
    kind = fields.choice("kind", N_("What you ask for"), tuple(str(one) for one in kinds))
    extends = kind == Kind.EXTENSION
    cause = fields.choice("cause", N_("Cause"), tuple(causes)) if kind == Kind.SUSPENSION else ""
    days = fields.integer("days", N_("Working days asked for"), low=1, high=most) if extends else None
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return NewChange(Kind(kind), cause, days, reason)


def parse_revocation(form: FormMultiDict) -> tuple[int, str]:
    fields = Fields(form)
    no = fields.integer("no", N_("Request"), low=1, high=10_000)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    assert no is not None
    return no, reason
