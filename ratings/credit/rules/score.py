"""Credit: a pure function of dated events, the rulebook's numbers and a moment. Nothing else moves it.

Every event is booked once and leaves the account when its time is over or when a correction takes it back. The
statement lists all three, so that its running balance is the score at that moment, and any past day can be computed
again. Points are hundredths throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

CORRECTION: Final = "correction"
BEST_BAND: Final = 5
HUNDRED: Final = 100
Why = Literal["booked", "expired", "cancelled"]


@dataclass(frozen=True)
class Event:
    """`points`: hundredths, negative for deductions. It counts from `recorded_at` until just before `valid_until`.
    `cancels`: the event that this correction takes back; a correction has no points of its own.
    `rule`: the rulebook key that set the points; `evidence_id`, `evidence_no`: the register entry that proves it."""

    id: UUID
    kind: str
    points: int
    occurred_at: datetime
    recorded_at: datetime
    valid_until: datetime
    cancels: UUID | None = None
    rule: str = ""
    rulebook: str = ""
    evidence_id: UUID | None = None
    evidence_no: int | None = None
    project_number: str | None = None


@dataclass(frozen=True)
class CreditRules:
    """The rulebook's `credit.*`, in hundredths of points. `bands`: least score of five, four, three and two stars."""

    version: str
    base: int
    cap: int
    floor: int
    bands: tuple[int, ...]
    most_added: int

    def balance(self, added: int, deducted: int) -> int:
        """Bonuses count up to `most_added`; the result stays between floor and cap."""
        return max(self.floor, min(self.cap, self.base + min(added, self.most_added) + deducted))

    def band(self, points: int) -> int:
        """Stars, 5 to 1."""
        return BEST_BAND - sum(map(points.__lt__, self.bands))


@dataclass(frozen=True)
class Line:
    """One line of the statement. `change` is what the score moved by, which caps can make less than the event's
    points; `balance` is the score after it."""

    at: datetime
    why: Why
    event: Event
    change: int
    balance: int


@dataclass(frozen=True)
class Score:
    """`rated`: there was an event or a finished job before this moment; until then the market says "unrated".
    `counting`: the events that count at this moment. `opening` + the changes of all lines = `points`."""

    points: int
    band: int
    rated: bool
    opening: int
    lines: tuple[Line, ...]
    counting: tuple[Event, ...]


@dataclass(frozen=True)
class _Posting:
    at: datetime
    phase: int
    event: Event
    why: Why

    @property
    def amount(self) -> int:
        return self.event.points if self.why == "booked" else -self.event.points


def score(events: Iterable[Event], rules: CreditRules, at: datetime, *, finished_jobs: int = 0) -> Score:
    """The score as it stood at `at`: only what was recorded by then is known."""
    known = [event for event in events if event.recorded_at <= at]
    lines = _run(_postings(known, at), rules)
    points = lines[-1].balance if lines else rules.balance(0, 0)
    rated = bool(lines) or finished_jobs > 0
    return Score(points, rules.band(points), rated, rules.balance(0, 0), lines, tuple(_counting(known, at)))


def next_change(events: Sequence[Event], at: datetime) -> datetime | None:
    """When the score will next change by itself."""
    return min((event.valid_until for event in _counting(events, at)), default=None)


def not_cancelled(events: Iterable[Event], at: datetime) -> list[Event]:
    """The events known at `at` that no correction has taken back by then, in the order of recording."""
    known = sorted((event for event in events if event.recorded_at <= at), key=_order)
    cancelled = {event.cancels for event in known}
    return [event for event in known if event.id not in cancelled and event.cancels is None]


def late_delivery_points(late_days: int, limit_days: int, *, points_a_step: int, step_share: int, most: int) -> int:
    """What lateness costs, as a negative number of whole points: for each started step of the agreed time
    (`step_share` in basis points of it), up to `most`."""
    if late_days <= 0:
        return 0
    steps = -(-late_days * 10_000 // (max(limit_days, 1) * step_share))
    return -min(steps * points_a_step, most)


def _order(event: Event) -> tuple[datetime, UUID]:
    return event.recorded_at, event.id


def _counting(events: Iterable[Event], at: datetime) -> list[Event]:
    """What counts at `at`, in the order of recording."""
    return [event for event in not_cancelled(events, at) if at < event.valid_until]


def _postings(known: Sequence[Event], at: datetime) -> list[_Posting]:
    """Bookings, expiries and cancellations up to `at`, in an order that does not depend on that of the events."""
    cancelled_at = {event.cancels: event.recorded_at for event in known if event.cancels is not None}
    booked = [_Posting(event.recorded_at, 0, event, "booked") for event in known if event.cancels is None]
    ended = [_ending(event, cancelled_at.get(event.id)) for event in known if event.cancels is None]
    postings = booked + [posting for posting in ended if posting.at <= at]
    return sorted(postings, key=lambda posting: (posting.at, posting.phase, posting.event.id))


def _ending(event: Event, cancelled_at: datetime | None) -> _Posting:
    if cancelled_at is not None and cancelled_at < event.valid_until:
        return _Posting(max(cancelled_at, event.recorded_at), 1, event, "cancelled")
    return _Posting(max(event.valid_until, event.recorded_at), 1, event, "expired")


def _run(postings: Iterable[_Posting], rules: CreditRules) -> tuple[Line, ...]:
    added = deducted = 0
    balance, lines = rules.balance(0, 0), []
    for posting in postings:
        if posting.event.points > 0:
            added += posting.amount
        else:
            deducted += posting.amount
        before, balance = balance, rules.balance(added, deducted)
        lines.append(Line(posting.at, posting.why, posting.event, balance - before, balance))
    return tuple(lines)
