"""Credit: a pure function of dated events, the rulebook's numbers and a moment. Nothing else moves it.

Every event is booked once and leaves the account when its time is over or when a correction takes it back. A correction
of that correction, where the decision behind it fell, lets the event count again as if nothing had been taken back. The
statement lists all of them, so that its running balance is the score at that moment, and any past day can be computed
again. Points are hundredths throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

CORRECTION: Final = "correction"
BEST_BAND: Final = 5
HUNDRED: Final = 100
Why = Literal["booked", "expired", "cancelled", "restored"]


@dataclass(frozen=True)
class Event:
    """`points`: hundredths, negative for deductions. It counts from `recorded_at` until just before `valid_until`.
    `cancels`: the event that this correction takes back, or the correction that it undoes; it has no points of its own.
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
    points; `balance` is the score after it. `correction`: what took the event back or let it count again."""

    at: datetime
    why: Why
    event: Event
    change: int
    balance: int
    correction: Event | None = None

    @property
    def proof(self) -> Event:
        """Whose evidence this line rests on."""
        return self.correction or self.event


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
    correction: Event | None = None

    @property
    def amount(self) -> int:
        return self.event.points if self.why in ("booked", "restored") else -self.event.points


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
    corrections = _by_target(known)
    return [event for event in known if event.cancels is None and not _taken_back(event, corrections)]


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


def _by_target(known: Iterable[Event]) -> dict[UUID, Event]:
    return {event.cancels: event for event in known if event.cancels is not None}


def _chain(event: Event, corrections: Mapping[UUID, Event]) -> list[Event]:
    """The correction of an event, the correction of that one, and so on."""
    found: list[Event] = []
    last = corrections.get(event.id)
    while last is not None:
        found.append(last)
        last = corrections.get(last.id)
    return found


def _taken_back(event: Event, corrections: Mapping[UUID, Event]) -> bool:
    return event.id in corrections and len(_chain(event, corrections)) % 2 == 1


def _postings(known: Sequence[Event], at: datetime) -> list[_Posting]:
    """Bookings, expiries and corrections up to `at`, in an order that does not depend on that of the events."""
    corrections = _by_target(known)
    postings = [posting for event in known if event.cancels is None for posting in _course(event, corrections)]
    return sorted(
        (posting for posting in postings if posting.why == "booked" or posting.at <= at),
        key=lambda posting: (posting.at, posting.phase, posting.event.id),
    )


def _course(event: Event, corrections: Mapping[UUID, Event]) -> list[_Posting]:
    """One event from its booking to its end; what is decided about it after its time moves nothing."""
    moment, counts = event.recorded_at, True
    found = [_Posting(moment, 0, event, "booked")]
    for correction in _chain(event, corrections):
        moment = max(correction.recorded_at, moment)
        if moment >= event.valid_until:
            break
        counts = not counts
        found.append(_Posting(moment, len(found), event, "restored" if counts else "cancelled", correction))
    if counts:
        found.append(_Posting(max(event.valid_until, event.recorded_at), len(found), event, "expired"))
    return found


def _run(postings: Iterable[_Posting], rules: CreditRules) -> tuple[Line, ...]:
    added = deducted = 0
    balance, lines = rules.balance(0, 0), []
    for posting in postings:
        if posting.event.points > 0:
            added += posting.amount
        else:
            deducted += posting.amount
        before, balance = balance, rules.balance(added, deducted)
        lines.append(Line(posting.at, posting.why, posting.event, balance - before, balance, posting.correction))
    return tuple(lines)
