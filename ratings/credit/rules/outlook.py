"""What would become of an account: by time alone, and if something more happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ratings.credit.rules.kinds import Charge, Numbers, charges, low_rating
from ratings.credit.rules.pauses import PauseRules, pauses
from ratings.credit.rules.position import Position, position
from ratings.credit.rules.score import HUNDRED, CreditRules, Event
from ratings.periods import add_months

WHOLE = 100


@dataclass(frozen=True)
class Supposed:
    """`late_percent`: a delivery late by so much of its agreed time (0: none); `stars`: a rating by an owner with so
    many throughout (0: none); `refuses`: won and not signed."""

    late_percent: int = 0
    stars: int = 0
    refuses: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.late_percent or self.stars or self.refuses)


@dataclass(frozen=True)
class Step:
    """From `at` on the account stands like this, unless something else happens."""

    at: datetime
    position: Position


def with_supposed(
    events: Sequence[Event], supposed: Supposed, number: Numbers, now: datetime, *, reply_ends_at: datetime
) -> tuple[Event, ...]:
    """The account's events and those that would follow from what is supposed to happen now. A low rating counts when
    the right of reply is over."""
    window = number("credit.window_months")
    made = [
        Event(UUID(int=place), charge.kind, charge.points, at, at, add_months(at, window), rule=charge.rule)
        for place, (charge, at) in enumerate(_charges(supposed, number, now, reply_ends_at), 1)
    ]
    return (*events, *made)


def _charges(supposed: Supposed, number: Numbers, now: datetime, later: datetime) -> Iterator[tuple[Charge, datetime]]:
    """Priced by the same functions that price acts."""
    if supposed.refuses:
        yield from ((one, now) for one in charges("contract.refused", {"side": "agency", "agency": ""}, number))
    late = {"agency": "", "late_days": supposed.late_percent, "limit_days": WHOLE}
    yield from ((one, now) for one in charges("delivery.made", late, number))
    if 0 < supposed.stars <= number("rating.low_stars"):
        yield low_rating("", number), later
    elif supposed.stars:
        given = {"side": "owner", "overall": supposed.stars * HUNDRED, "affiliated": False, "rated": ""}
        yield from ((one, now) for one in charges("rating.revealed", given, number))


def outlook(
    events: Sequence[Event], credit: CreditRules, rules: PauseRules, now: datetime, *, finished_jobs: int
) -> tuple[Step, ...]:
    """Now, and every later moment at which an event is counted or expires or a pause ends, as far as that is known."""
    later = {event.recorded_at for event in events} | {event.valid_until for event in events if event.cancels is None}
    horizon = max(later, default=now)
    later |= {pause.ends_at for pause in pauses(events, credit, rules, max(horizon, now))}
    steps: list[Step] = []
    for moment in sorted({now} | {one for one in later if one > now}):
        here = position(events, credit, rules, moment, finished_jobs=finished_jobs)
        if not steps or replace(here, rated=True) != replace(steps[-1].position, rated=True):
            steps.append(Step(moment, here))
    return tuple(steps)


def recovers_at(steps: Sequence[Step], least: int) -> datetime | None:
    """From when on the score stays at `least` hundredths or more and nothing pauses; None where it never does."""
    found: datetime | None = None
    for step in steps:
        fine = step.position.points >= least and step.position.paused_until is None
        found = (found or step.at) if fine else None
    return found
