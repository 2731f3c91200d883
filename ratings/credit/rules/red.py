"""Who may stand on the red list, and what costs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.credit.rules.score import Event, not_cancelled
from ratings.periods import add_months


@dataclass(frozen=True)
class RedRules:
    """The rulebook's `red.*`; points in hundredths."""

    score_min: int
    jobs_min: int
    clean_months: int
    removed_at_deduction: int


def may_be_red(events: Sequence[Event], points: int, jobs: int, rules: RedRules, at: datetime) -> bool:
    """High score, enough finished jobs, and no deduction that holds in the last months."""
    since = add_months(at, -rules.clean_months)
    clean = all(event.points >= 0 or event.occurred_at <= since for event in not_cancelled(events, at))
    return points >= rules.score_min and jobs >= rules.jobs_min and clean


def loses_red(event: Event, rules: RedRules) -> bool:
    return event.points <= -rules.removed_at_deduction
