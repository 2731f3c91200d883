"""What follows from credit: pauses of sign-up, and warnings before them."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from ratings.credit.rules.kinds import UNRATED
from ratings.credit.rules.score import CreditRules, Event, not_cancelled
from ratings.periods import MONTHS_A_YEAR, add_months, term_end

ABANDONED_KINDS: Final = frozenset({"sign_up_abandoned"})
OWNER_KINDS: Final = frozenset(
    {"owner_sign_refused", "owner_sign_lapsed", "owner_payment_overdue", "owner_contract_rescinded", "owner_tailored"}
)
REFUSED_KINDS: Final = frozenset({"sign_refused", "sign_lapsed"})


@dataclass(frozen=True)
class Tier:
    """Below `points` (hundredths) sign-up pauses for `months`. `rule`: its rulebook key."""

    points: int
    months: int
    rule: str


@dataclass(frozen=True)
class PauseRules:
    """The rulebook's `tier.*` and `pause.*`. `tiers`: deepest first."""

    reminder_below: int
    talk_below: int
    tiers: tuple[Tier, ...]
    severe_pauses: int
    severe_months: int
    abandoned_times: int
    abandoned_window_days: int
    abandoned_months: int
    refused_times: int
    refused_window_months: int
    refused_months: int


@dataclass(frozen=True)
class Pause:
    """No new sign-ups from `starts_at` until just before `ends_at`. `rule`: the rulebook key that decided."""

    cause: Event
    rule: str
    starts_at: datetime
    ends_at: datetime


def pauses(events: Iterable[Event], credit: CreditRules, rules: PauseRules, at: datetime) -> tuple[Pause, ...]:
    """All pauses begun by `at`, first to last. Each starts when its deduction was recorded; running ones do not add
    up. A pause that begins soon after another (`tier.severe_pauses` of them in twelve months) is a severe one."""
    course = _Course(credit, rules)
    return tuple(begun for event in not_cancelled(events, at) if (begun := course.take(event)))


def suspended_by(found: Sequence[Pause], at: datetime) -> Pause | None:
    """The pause that ends last of those running at `at`."""
    running = [pause for pause in found if pause.starts_at <= at < pause.ends_at]
    return max(running, key=lambda pause: (pause.ends_at, pause.starts_at), default=None)


@dataclass(frozen=True)
class OwnerRules:
    """The rulebook's `owner.*`: so many breaches within the window remind in public, and so many pause posting; so many
    ratings not given are one."""

    pause_after: int
    window_months: int
    pause_months: int
    unrated_breach: int
    remind_after: int


def owner_breaches(events: Iterable[Event], rules: OwnerRules, at: datetime) -> list[Event]:
    """What counts as a breach, in the order of recording. Ratings not given are one together: it falls to the last of so
    many within the window, and none counts towards a second."""
    unrated: list[datetime] = []
    found = []
    for event in not_cancelled(events, at):
        if event.kind == UNRATED:
            insort(unrated, event.occurred_at)
            since = add_months(event.occurred_at, -rules.window_months)
            if len(unrated) - bisect_right(unrated, since) >= rules.unrated_breach:
                unrated.clear()
                found.append(event)
        elif event.kind in OWNER_KINDS:
            found.append(event)
    return found


def owner_pauses(events: Iterable[Event], rules: OwnerRules, at: datetime) -> tuple[Pause, ...]:
    """Pauses of posting begun by `at`: each breach that is one too many within the window starts one."""
    times: list[datetime] = []
    found = []
    for event in owner_breaches(events, rules, at):
        insort(times, event.occurred_at)
        since = add_months(event.occurred_at, -rules.window_months)
        if len(times) - bisect_right(times, since) >= rules.pause_after:
            ends_at = term_end(event.recorded_at, rules.pause_months)
            found.append(Pause(event, "owner.pause_after", event.recorded_at, ends_at))
    return tuple(found)


class _Course:
    """An account from its first event on: the balance, how often something happened, and the pauses so far, so that
    a long history costs what its events cost."""

    def __init__(self, credit: CreditRules, rules: PauseRules) -> None:
        self.credit, self.rules = credit, rules
        self.added = self.deducted = 0
        self.ends: list[tuple[datetime, int]] = []  # a heap: when counted points leave
        self.times: dict[frozenset[str], list[datetime]] = {ABANDONED_KINDS: [], REFUSED_KINDS: []}
        # Starts of pauses that began when none was running, and when the last of all ends: a longer one on top of
        # another is the same pause, prolonged.
        self.separate: list[datetime] = []
        self.paused_until: datetime | None = None

    def take(self, event: Event) -> Pause | None:
        """The next event in the order of recording; the pause that it starts, if any."""
        self._count(event)
        if event.points >= 0:
            return None
        causes = [*self._by_tier(), *self._by_count(event)]
        return self._begin(event, *max(causes)) if causes else None

    def _count(self, event: Event) -> None:
        heappush(self.ends, (event.valid_until, event.points))
        self._move(event.points)
        while self.ends and self.ends[0][0] <= event.recorded_at:
            self._move(heappop(self.ends)[1], back=True)
        for kinds, times in self.times.items():
            if event.kind in kinds:
                insort(times, event.occurred_at)

    def _move(self, points: int, *, back: bool = False) -> None:
        moved = -points if back else points
        if points > 0:
            self.added += moved
        else:
            self.deducted += moved

    def _by_tier(self) -> list[tuple[int, str]]:
        points = self.credit.balance(self.added, self.deducted)
        return [(tier.months, tier.rule) for tier in self.rules.tiers if points < tier.points][:1]

    def _by_count(self, event: Event) -> list[tuple[int, str]]:
        rules, causes = self.rules, []
        ninety = event.occurred_at - timedelta(days=rules.abandoned_window_days)
        year = add_months(event.occurred_at, -rules.refused_window_months)
        if event.kind in ABANDONED_KINDS and self._times(ABANDONED_KINDS, ninety) >= rules.abandoned_times:
            causes.append((rules.abandoned_months, "pause.signup_cancelled.times"))
        if event.kind in REFUSED_KINDS and self._times(REFUSED_KINDS, year) >= rules.refused_times:
            causes.append((rules.refused_months, "pause.sign_refused.times"))
        return causes

    def _times(self, kinds: frozenset[str], after: datetime) -> int:
        return len(self.times[kinds]) - bisect_right(self.times[kinds], after)

    def _begin(self, event: Event, months: int, rule: str) -> Pause:
        starts_at = event.recorded_at
        if self.paused_until is None or self.paused_until <= starts_at:
            since = add_months(starts_at, -MONTHS_A_YEAR)
            recent = len(self.separate) - bisect_right(self.separate, since)
            if recent + 1 >= self.rules.severe_pauses and self.rules.severe_months > months:
                months, rule = self.rules.severe_months, "tier.severe_pauses"
            self.separate.append(starts_at)
        pause = Pause(event, rule, starts_at, term_end(starts_at, months))
        self.paused_until = max(self.paused_until or pause.ends_at, pause.ends_at)
        return pause


def warning(points: int, rules: PauseRules) -> str | None:
    """The rulebook key of the warning that a score brings, above the tiers that pause."""
    if points < rules.talk_below:
        return "tier.talk_below"
    return "tier.reminder_below" if points < rules.reminder_below else None
