"""Who may stand on the red list, and what costs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.credit.rules.evidence import wilson_bound
from ratings.credit.rules.score import Event, not_cancelled
from ratings.periods import add_months


@dataclass(frozen=True)
class RedRules:
    """The rulebook's `red.*`; points in hundredths. `on_time_min`: basis points that the share of jobs delivered in time
    reaches at least (Wilson's lower bound), so that few jobs have to be all the better."""

    score_min: int
    jobs_min: int
    clean_months: int
    removed_at_deduction: int
    on_time_min: int


def may_be_red(events: Sequence[Event], points: int, jobs: int, rules: RedRules, at: datetime) -> bool:
    """High score, enough finished jobs, enough evidence that it delivers in time, and no deduction that holds in the last
    months."""
    since = add_months(at, -rules.clean_months)
    clean = all(event.points >= 0 or event.occurred_at <= since for event in not_cancelled(events, at))
    enough = jobs >= rules.jobs_min and on_time_bound(events, jobs, at) >= rules.on_time_min
    return points >= rules.score_min and enough and clean


def on_time_bound(events: Sequence[Event], jobs: int, at: datetime) -> int:
    """Basis points. A job is late where a late delivery of its project was charged, however often."""
    late = {event.project_number for event in not_cancelled(events, at) if event.kind == "late_delivery"}
    return wilson_bound(max(jobs - len(late), 0), jobs)


def loses_red(event: Event, rules: RedRules) -> bool:
    return event.points <= -rules.removed_at_deduction
