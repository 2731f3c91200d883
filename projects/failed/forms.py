"""What the page sends on which an owner names an agency."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields

OTHER: Final = "other"
LABELS: Final[Mapping[str, str]] = {"agency": N_("Agency"), "reason": N_("Reason for naming it")}
REASON_MIN, REASON_MAX = 10, 500


def parse_pick(form: FormMultiDict, codes: Collection[str]) -> tuple[tuple[str, ...], str]:
    """One of those who signed up, or nobody yet where another agency is to be named in the draft; and why."""
    fields = Fields(form)
    code = fields.choice("agency", LABELS["agency"], {*codes, OTHER})
    reason = fields.text("reason", LABELS["reason"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return (() if code == OTHER else (code,)), reason
