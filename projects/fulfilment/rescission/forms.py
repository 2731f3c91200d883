"""What the pages of warnings, notices and settlements send."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.fulfilment.forms import REASON_MAX, REASON_MIN
from projects.fulfilment.rescission.actions import Decision, NewNotice
from projects.fulfilment.rescission.rules import Ground


def parse_notice(form: FormMultiDict, grounds: Sequence[Ground]) -> tuple[NewNotice, bool]:
    """The notice, and whether the page that says what follows was seen and confirmed. `grounds`: those of this side."""
    fields = Fields(form)
    ground = fields.choice("ground", N_("Ground"), tuple(str(one) for one in grounds))
    reason = _reason(fields, "notice_reason")
    settlement = fields.money("notice_settlement", N_("Settlement for work in hand"), positive=False)
    fields.check()
    assert settlement is not None
    return NewNotice(Ground(ground), reason, settlement.fen), fields.flag("confirmed")


def _reason(fields: Fields, name: str, *, required: bool = True) -> str:
    return fields.text(name, N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=required)


def parse_warning(form: FormMultiDict, grounds: Sequence[Ground]) -> tuple[Ground, str]:
    fields = Fields(form)
    ground = fields.choice("warned", N_("What is overdue"), tuple(str(one) for one in grounds if one.warns))
    reason = _reason(fields, "warning")
    fields.check()
    return Ground(ground), reason


def parse_answer(form: FormMultiDict) -> tuple[bool, str]:
    """Whether this side objects, and why."""
    fields = Fields(form)
    objects = fields.choice("notice_answer", N_("Your answer"), ("object", "accept")) == "object"
    reason = _reason(fields, "objection", required=objects)
    fields.check()
    return objects, reason


def parse_decision(form: FormMultiDict) -> Decision:
    fields = Fields(form)
    upheld = fields.choice("decision", N_("Your decision"), ("upheld", "rejected")) == "upheld"
    reason = _reason(fields, "decision_reason")
    settlement = fields.money("settled", N_("Settlement for work in hand"), positive=False, required=upheld)
    fields.check()
    return Decision(upheld, reason, settlement.fen if settlement is not None else None)
