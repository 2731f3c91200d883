"""What the pages of ratings send."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.catalogue.rules import Rulebook
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.evaluations.actions import GiveRating
from ratings.evaluations.rules import DIMENSIONS, NAMES, Side, needs_reasons
from ratings.evaluations.striking import Strike

REASONS_MAX = 1000
REPLY_MAX = 1000


def parse_rating(form: FormMultiDict, side: Side, book: Rulebook) -> GiveRating:
    """A mark for each dimension of the rulebook, and reasons where one is low. Raises FormInvalid."""
    fields = Fields(form)
    names = book.texts(DIMENSIONS[side])
    stars = [str(mark) for mark in range(1, book.integer("rating.stars_max") + 1)]
    given = {name: fields.choice(f"mark-{name}", NAMES.get(name, name), stars) for name in names}
    marks = {name: int(mark) for name, mark in given.items() if mark}
    low = needs_reasons(marks, low_stars=book.integer("rating.low_stars"))
    reasons = fields.text("reasons", N_("Reasons"), max_length=REASONS_MAX, min_length=10 if low else 0, required=False)
    if low and not reasons:
        fields.wrong("reasons", N_("A mark of {stars} stars or fewer needs reasons: what happened, and when?"),
                     stars=book.integer("rating.low_stars"))  # fmt: skip
    fields.check()
    return GiveRating(marks, reasons)


def parse_reply(form: FormMultiDict) -> str:
    fields = Fields(form)
    text = fields.text("reply", N_("Reply"), max_length=REPLY_MAX, min_length=10)
    fields.check()
    return text


def parse_strike(form: FormMultiDict) -> Strike:
    fields = Fields(form)
    decision = fields.text("decision", N_("Number of the decision"), max_length=40)
    reason = fields.text("reason", N_("Reasons"), max_length=REASONS_MAX, min_length=10)
    fields.check()
    return Strike(decision, reason)
