"""What the page of a follow-up call sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.follow_up.rules import Call

LABELS: Final[Mapping[str, str]] = {
    "reached": N_("Was the owner reached?"),
    "satisfaction": N_("How satisfied is the owner?"),
    "at_odds": N_("It contradicts the rating that was given"),
    "remarks": N_("What the owner said"),
}
REMARKS_MAX: Final = 2000
STARS: Final = ("1", "2", "3", "4", "5")


def parse_call(form: FormMultiDict) -> Call:
    fields = Fields(form)
    reached = fields.choice("reached", LABELS["reached"], ("yes", "no")) == "yes"
    satisfaction = fields.choice("satisfaction", LABELS["satisfaction"], STARS, required=reached)
    at_odds = reached and fields.flag("at_odds")
    remarks = fields.text("remarks", LABELS["remarks"], max_length=REMARKS_MAX, min_length=10 if at_odds else 0,
                          required=at_odds)  # fmt: skip
    fields.check()
    return Call(reached, int(satisfaction) if reached else None, at_odds, remarks)
