"""Where an agency stands at a moment, in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.credit.rules.pauses import PauseRules, pauses, suspended_by, warning
from ratings.credit.rules.score import CreditRules, Event, score


@dataclass(frozen=True)
class Position:
    """`points`: hundredths; `warning`: the rulebook key of the warning its score brings."""

    points: int
    band: int
    rated: bool
    paused_until: datetime | None
    pause_rule: str
    warning: str


def position(
    events: Sequence[Event], credit: CreditRules, rules: PauseRules, at: datetime, *, finished_jobs: int
) -> Position:
    found = score(events, credit, at, finished_jobs=finished_jobs)
    pause = suspended_by(pauses(events, credit, rules, at), at)
    return Position(
        found.points, found.band, found.rated, pause.ends_at if pause else None, pause.rule if pause else "",
        warning(found.points, rules) or "",
    )  # fmt: skip
