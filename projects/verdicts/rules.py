"""What an approval authority said about a delivered report, and in which order it can have said so. Pure.

A verdict is never changed. One that was recorded wrongly is corrected by a further one that takes its place, or says
that it was never given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from market.kernel.errors import Refusal
from market.kernel.i18n import N_


class Outcome(StrEnum):
    PASSED = "passed"
    RETURNED = "returned"
    VOID = "void"


@dataclass(frozen=True)
class Said:
    """One verdict as it was recorded. `delivered_on`: the day of the delivery it is about; `corrects`: the number of the
    verdict whose place it takes."""

    no: int
    outcome: Outcome
    decided_on: date
    delivered_on: date
    corrects: int | None = None


def standing(said: Sequence[Said]) -> list[Said]:
    """The verdicts that hold, in the order in which they were given: a correction stands in the place of what it
    corrects."""
    later = {one.corrects: one for one in said if one.corrects is not None}
    firsts = [one for one in sorted(said, key=lambda one: one.no) if one.corrects is None]
    return [one for one in (_latest(first, later) for first in firsts) if one.outcome is not Outcome.VOID]


def _latest(one: Said, later: dict[int, Said]) -> Said:
    while one.no in later:
        one = later[one.no]
    return one


def returns(said: Sequence[Said]) -> int:
    """How often the report was returned, by what holds."""
    return sum(one.outcome is Outcome.RETURNED for one in standing(said))


def passed(said: Sequence[Said]) -> bool:
    return any(one.outcome is Outcome.PASSED for one in standing(said))


def check_recording(said: Sequence[Said], new: Said, *, today: date) -> None:
    """`said`: all verdicts about the same milestone. Raises Refusal where the new one cannot have been given."""
    if passed(said) and new.corrects is None:
        raise Refusal(
            "verdict.passed", N_("The authority has passed this report already; nothing is left to decide."),
            todo=N_("If that was recorded wrongly, correct the verdict instead."),
        )  # fmt: skip
    if new.corrects is not None and new.corrects not in {one.no for one in standing(said)}:
        raise Refusal(
            "verdict.corrected", N_("This verdict was corrected already."),
            todo=N_("Correct the verdict that took its place."),
        )  # fmt: skip
    if new.outcome is not Outcome.VOID and not new.delivered_on <= new.decided_on <= today:
        raise Refusal(
            "verdict.when", N_("The day of the verdict lies between the delivery ({delivered}) and today."),
            todo=N_("Correct the day."), delivered=new.delivered_on,
        )  # fmt: skip
    _check_order(standing([*said, new]))


def _check_order(held: Sequence[Said]) -> None:
    if any(one.outcome is Outcome.PASSED for one in held[:-1]):
        raise Refusal(
            "verdict.order", N_("After a report has passed there can be no further verdict about it."),
            todo=N_("Correct the later verdicts first."),
        )  # fmt: skip
    if [one.decided_on for one in held] != sorted(one.decided_on for one in held):
        raise Refusal(
            "verdict.days", N_("The verdicts about a report follow each other in time; this day does not fit in."),
            todo=N_("Correct the day."),
        )  # fmt: skip
