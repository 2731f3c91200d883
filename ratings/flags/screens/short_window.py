"""A notice that was open to sign up for far less time than is usual. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.posting.rules.window import shortest_window
from ratings.flags.screens.interface import (
    FIRMS,
    NOTICES,
    RESULT_ACTS,
    WHOLE,
    WORKING_DAYS,
    Case,
    Figure,
    Lead,
    Numbers,
    Reads,
    Screen,
    Usual,
    each,
    within,
)

_SHARE, _LEAST, _FEW = "screen.window_share", "screen.window_notices_min", "screen.window_entrants_max"
_ACTS = ("project.published", "project.failed", *RESULT_ACTS)


def _find(case: Case, numbers: Numbers) -> Lead | None:
    usual = case.usual
    if case.named or usual is None or usual.notices < numbers[_LEAST]:
        return None
    room = usual.days * numbers[_SHARE] - case.window_days * WHOLE
    if usual.days < 1 or room < 0:
        return None
    text = Message(
        N_("{project} gave {days} working days to sign up, where {usual} are usual."),
        {"project": case.title, "days": case.window_days, "usual": usual.days},
    )
    score = 5_000 + room * 2_000 // max(usual.days * numbers[_SHARE], 1) + _weight(case, numbers)
    return Lead(case.number, text, within(score), (case.owner_code,), (case.number,), case.evidence(*_ACTS),
                _figures(case, usual, numbers))  # fmt: skip


def _weight(case: Case, numbers: Numbers) -> int:
    """Where few came, the time may have kept others away; where many came, it kept away nobody."""
    if case.came is None:
        return 0
    return 3_000 if case.came <= numbers[_FEW] else -3_000


def _figures(case: Case, usual: Usual, numbers: Numbers) -> tuple[Figure, ...]:
    most = usual.days * numbers[_SHARE] // WHOLE
    came = (Figure(N_("Agencies that came"), str(case.came), f"≤ {numbers[_FEW]}", unit=FIRMS),)
    return (
        Figure(N_("Working days to sign up"), str(case.window_days), f"≤ {most}", unit=WORKING_DAYS),
        Figure(N_("Usual for this method: the median"), str(usual.days), unit=WORKING_DAYS),
        Figure(N_("Earlier notices that this comes from"), str(usual.notices), f"≥ {numbers[_LEAST]}", unit=NOTICES),
        Figure(N_("Shortest that the rulebook allows"), str(numbers[shortest_window(case.method)]), unit=WORKING_DAYS),
        *(came if case.came is not None else ()),
    )


SCREEN = Screen(
    code="short_window", version=1, title=N_("Very short time to sign up"), reads=Reads.SIGN_UP,
    basis=N_("Tendering Law, Art. 24: enough time for bidders; Cardinal indicator R003 (short period for tenders); research on single bids (length of the advertisement)"),
    reckoning=N_("The working days that the notice first gave to sign up, against the median of all notices of the same method in the months before: no more than the rulebook's share of it. The shortest window that the rulebook allows stands beside it. How many came counts for the strength once it is published."),
    inputs=N_("Publication and first close of sign-up of one notice and of those of its method before it, and how many were in its pool"),
    acts=_ACTS, since=date(2026, 11, 22),
    rules=(_SHARE, _LEAST, _FEW, "signup.min_window", "signup.min_window_scored"), find=each(_find),
)  # fmt: skip
