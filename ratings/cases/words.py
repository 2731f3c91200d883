"""How measures, steps and states of a case are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from market.kernel.errors import Message
from market.kernel.i18n import N_, translate
from market.web.display import say
from ratings.cases.rules import Measure, Sanction, State

YEAR: Final = 12
MEASURES: Final = {
    Measure.REMINDER: N_("Reminder"), Measure.TALK: N_("Talk with those responsible"), Measure.WARNING: N_("Warning"),
    Measure.PAUSE: N_("No sign-ups for {months} months"), Measure.REMOVAL: N_("Removed from the market for {months} months"),
    Measure.RESTRICTED: N_("Restricted list of the platform for {years} years"),
}  # fmt: skip
ONE: Final = {
    Measure.PAUSE: N_("No sign-ups for one month"), Measure.RESTRICTED: N_("Restricted list of the platform for one year"),
}  # fmt: skip
STATES: Final = {
    State.RECORDED: N_("to be notified"), State.NOTIFIED: N_("time to defend"), State.TO_DECIDE: N_("to be decided"),
    State.DISMISSED: N_("closed, nothing found"), State.DECIDED: N_("decided, may be appealed"),
    State.APPEALED: N_("appeal to be decided"), State.FINAL: N_("in effect for good"), State.ANNULLED: N_("annulled on appeal"),
    State.REPAIRED: N_("repaired"),
}  # fmt: skip


def measure_text(sanction: Sanction) -> Message:
    months = sanction.months or 0
    single = ONE.get(sanction.measure) if months == (YEAR if sanction.measure is Measure.RESTRICTED else 1) else None
    return Message(single or MEASURES[sanction.measure], {"months": months, "years": months // YEAR})


def choices(offered: Iterable[Sanction]) -> list[tuple[str, str]]:
    """For a select field, in the visitor's language."""
    return [(one.code, say(measure_text(one))) for one in offered]


def state_text(state: State) -> str:
    return translate(STATES[state])
