"""What follows from credit: pauses of sign-up, and warnings before them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ratings.credit.rules.score import CreditRules, Event, not_cancelled, score
from ratings.periods import MONTHS_A_YEAR, add_months

ABANDONED_KINDS: Final = frozenset({"sign_up_abandoned"})
OWNER_KINDS: Final = frozenset(
    {"owner_sign_refused", "owner_sign_lapsed", "owner_payment_overdue", "owner_contract_rescinded"}
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
    known = not_cancelled(events, at)
    found: list[Pause] = []
    for index, event in enumerate(known):
        if event.points < 0 and (begun := _begun(known[: index + 1], found, credit, rules)):
            found.append(begun)
    return tuple(found)


def suspended_by(found: Sequence[Pause], at: datetime) -> Pause | None:
    """The pause that ends last of those running at `at`."""
    running = [pause for pause in found if pause.starts_at <= at < pause.ends_at]
    return max(running, key=lambda pause: (pause.ends_at, pause.starts_at), default=None)


@dataclass(frozen=True)
class OwnerRules:
    """The rulebook's `owner.*`: so many breaches within the window pause posting."""

    pause_after: int
    window_months: int
    pause_months: int


def owner_pauses(events: Iterable[Event], rules: OwnerRules, at: datetime) -> tuple[Pause, ...]:
    """Pauses of posting begun by `at`: each breach that is one too many within the window starts one."""
    known = [event for event in not_cancelled(events, at) if event.kind in OWNER_KINDS]
    found = []
    for index, event in enumerate(known):
        since = add_months(event.occurred_at, -rules.window_months)
        if _count(known[: index + 1], OWNER_KINDS, since) >= rules.pause_after:
            ends_at = add_months(event.recorded_at, rules.pause_months)
            found.append(Pause(event, "owner.pause_after", event.recorded_at, ends_at))
    return tuple(found)


def _begun(known: Sequence[Event], earlier: Sequence[Pause], credit: CreditRules, rules: PauseRules) -> Pause | None:
    """The pause that the last of these events causes, if any."""
    event = known[-1]
    causes = [*_by_tier(known, credit, rules), *_by_count(known, rules)]
    if not causes:
        return None
    months, rule = max(causes)
    since = add_months(event.recorded_at, -MONTHS_A_YEAR)
    recent = [pause for pause in _separate(earlier) if pause.starts_at > since]
    apart = suspended_by(earlier, event.recorded_at) is None
    if apart and len(recent) + 1 >= rules.severe_pauses and rules.severe_months > months:
        months, rule = rules.severe_months, "tier.severe_pauses"
    return Pause(event, rule, event.recorded_at, add_months(event.recorded_at, months))


def _by_tier(known: Sequence[Event], credit: CreditRules, rules: PauseRules) -> list[tuple[int, str]]:
    points = score(known, credit, known[-1].recorded_at).points
    return [(tier.months, tier.rule) for tier in rules.tiers if points < tier.points][:1]


def _by_count(known: Sequence[Event], rules: PauseRules) -> list[tuple[int, str]]:
    event, causes = known[-1], []
    ninety = event.occurred_at - timedelta(days=rules.abandoned_window_days)
    year = add_months(event.occurred_at, -rules.refused_window_months)
    if event.kind in ABANDONED_KINDS and _count(known, ABANDONED_KINDS, ninety) >= rules.abandoned_times:
        causes.append((rules.abandoned_months, "pause.signup_cancelled.times"))
    if event.kind in REFUSED_KINDS and _count(known, REFUSED_KINDS, year) >= rules.refused_times:
        causes.append((rules.refused_months, "pause.sign_refused.times"))
    return causes


def _count(known: Iterable[Event], kinds: frozenset[str], after: datetime) -> int:
    return sum(event.kind in kinds and event.occurred_at > after for event in known)


def _separate(found: Iterable[Pause]) -> list[Pause]:
    """Pauses that began when none was running; a longer one on top of another is the same pause, prolonged."""
    apart: list[Pause] = []
    ends: datetime | None = None
    for pause in found:
        if ends is None or pause.starts_at >= ends:
            apart.append(pause)
        ends = pause.ends_at if ends is None else max(ends, pause.ends_at)
    return apart


def warning(points: int, rules: PauseRules) -> str | None:
    """The rulebook key of the warning that a score brings, above the tiers that pause."""
    if points < rules.talk_below:
        return "tier.talk_below"
    return "tier.reminder_below" if points < rules.reminder_below else None
