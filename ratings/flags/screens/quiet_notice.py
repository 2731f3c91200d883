"""A notice that appeared outside office hours with a short time to sign up. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import WORKING_DAYS, Case, Figure, Lead, Numbers, Reads, Screen, each


def off_hours(case: Case, numbers: Numbers) -> bool:
    opens, closes = numbers["screen.office_from"], numbers["screen.office_until"]
    return not case.published_on_working_day or not opens <= case.published_hour < closes


def _find(case: Case, numbers: Numbers) -> Lead | None:
    most = numbers["screen.short_window"]
    if case.named or case.window_days > most or not off_hours(case, numbers):
        return None
    hours = f"{numbers['screen.office_from']}:00-{numbers['screen.office_until']}:00"
    text = Message(
        N_("{project} was published outside office hours and gave {days} working days to sign up."),
        {"project": case.title, "days": case.window_days},
    )
    figures = (
        Figure(N_("Working days to sign up"), str(case.window_days), f"≤ {most}", unit=WORKING_DAYS),
        Figure(N_("Hour of publication (Beijing)"), f"{case.published_hour}:00", hours),
    )
    score = 6_000 if case.window_days < most else 4_000
    evidence = case.evidence("project.published")
    return Lead(case.number, text, score, (case.owner_code,), (case.number,), evidence, figures)


SCREEN = Screen(
    code="quiet_notice", version=1, title=N_("Short notice at an odd hour"), reads=Reads.NOTICE,
    basis=N_("Cardinal indicator R003 (short period for tenders); Tendering Law, Art. 24: enough time for bidders"),
    reckoning=N_("The notice appeared on a free day or outside office hours, and the time to sign up was no longer than the rulebook's number of working days. Either alone is ordinary."),
    inputs=N_("Moment of publication and close of sign-up of one notice, and the calendar of working days"), acts=("project.published",),
    since=date(2026, 11, 22),
    rules=("screen.short_window", "screen.office_from", "screen.office_until"), find=each(_find),
)  # fmt: skip
