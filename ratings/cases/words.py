"""How measures, steps and states of a case are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from market.kernel.errors import Message
from market.kernel.i18n import N_, translate
from market.web.display import say
from ratings.cases.rules import Measure, Party, Sanction, State

YEAR: Final = 12
MEASURES: Final = {
    Measure.REMINDER: N_("Reminder"), Measure.TALK: N_("Talk with those responsible"), Measure.WARNING: N_("Warning"),
    Measure.PAUSE: N_("No sign-ups for {months} months"), Measure.REPORT: N_("Report to the superior authority"), Measure.REMOVAL: N_("Removed from the market for {months} months"),
    Measure.RESTRICTED: N_("Restricted list of the platform for {years} years"),
}  # fmt: skip
ONE: Final = {
    Measure.PAUSE: N_("No sign-ups for one month"), Measure.RESTRICTED: N_("Restricted list of the platform for one year"),
}  # fmt: skip
# What a pause keeps a party from is another thing for each kind.
OTHERS: Final = {
    Party.OWNER: (N_("No new notices for {months} months"), N_("No new notices for one month")),
    Party.PERSON: (N_("No new notices for {months} months"), N_("No new notices for one month")),
    Party.EXPERT: (N_("Not drawn for {months} months"), N_("Not drawn for one month")),
}  # fmt: skip
BARRED_UNTIL: Final = {
    Party.AGENCY: N_("No sign-ups until"), Party.OWNER: N_("No new notices until"), Party.PERSON: N_("No new notices until"),
    Party.EXPERT: N_("Not drawn until"),
}  # fmt: skip
PARTIES: Final = {
    Party.AGENCY: N_("Agency"), Party.OWNER: N_("Project owner"), Party.PERSON: N_("Project owner"), Party.EXPERT: N_("Expert"),
}  # fmt: skip
STATES: Final = {
    State.RECORDED: N_("to be notified"), State.NOTIFIED: N_("time to defend"), State.TO_DECIDE: N_("to be decided"),
    State.DISMISSED: N_("closed, nothing found"), State.DECIDED: N_("decided, may be appealed"),
    State.APPEALED: N_("appeal to be decided"), State.FINAL: N_("in effect for good"), State.ANNULLED: N_("annulled on appeal"),
    State.REPAIRED: N_("repaired"),
}  # fmt: skip


def measure_text(sanction: Sanction, party: Party = Party.AGENCY) -> Message:
    months = sanction.months or 0
    if sanction.measure is Measure.PAUSE and party in OTHERS:
        return Message(OTHERS[party][months == 1], {"months": months})
    single = ONE.get(sanction.measure) if months == (YEAR if sanction.measure is Measure.RESTRICTED else 1) else None
    return Message(single or MEASURES[sanction.measure], {"months": months, "years": months // YEAR})


def choices(offered: Iterable[Sanction], party: Party = Party.AGENCY) -> list[tuple[str, str]]:
    """For a select field, in the visitor's language."""
    return [(one.code, say(measure_text(one, party))) for one in offered]


def state_text(state: State) -> str:
    return translate(STATES[state])
