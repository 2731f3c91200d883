"""Credit is a function of its events and a moment, whatever the order in which they arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ratings.credit.rules import (
    CORRECTION,
    CreditRules,
    Event,
    PauseRules,
    Tier,
    late_delivery_points,
    next_change,
    pauses,
    score,
)
from ratings.periods import add_months

RULES = CreditRules("2025-1", 10_000, 12_000, 0, (9_500, 8_500, 7_000, 6_000), 1_000)
STRICT = PauseRules(
    9000, 8000, (Tier(4000, 6, "tier.severe_below"), Tier(7000, 1, "tier.pause_below")), 2, 6, 3, 90, 1, 2, 12, 6
)
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
POINTS = st.sampled_from([-10_000, -2_000, -1_500, -500, -300, -200, 0, 25, 50, 100, 150])


def event(
    number: int, points: int, days: float, *, kind: str = "x", cancels: int | None = None, lag: float = 0
) -> Event:
    occurred = START + timedelta(days=days)
    return Event(
        UUID(int=number), kind, points, occurred, occurred + timedelta(days=lag), add_months(occurred, 12),
        UUID(int=cancels) if cancels is not None else None,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to twelve events over three years, some taken back later, and some of these corrections undone later still."""
    made = [
        event(number, draw(POINTS), draw(st.integers(0, 1000)), lag=draw(st.integers(0, 20)))
        for number in range(draw(st.integers(0, 12)))
    ]
    for taken in draw(st.lists(st.sampled_from(made), unique=True, max_size=4)) if made else []:
        later = (taken.recorded_at - START).days + draw(st.integers(0, 400))
        made.append(event(len(made), 0, later, kind=CORRECTION, cancels=taken.id.int))
        if draw(st.booleans()):
            undone = later + draw(st.integers(0, 400))
            made.append(event(len(made), 0, undone, kind=CORRECTION, cancels=made[-1].id.int))
    return made


def undo(history: list[Event], days: int) -> tuple[list[Event], datetime]:
    """The history with every correction that stands undone at one moment after all of it."""
    targets = {one.cancels for one in history}
    last = max((one.recorded_at for one in history), default=START)
    later = (last - START).days + days
    standing = [one for one in history if one.kind == CORRECTION and one.id not in targets]
    chains = [one for one in standing if depth(one, history) % 2]
    more = [
        event(len(history) + place, 0, later, kind=CORRECTION, cancels=one.id.int) for place, one in enumerate(chains)
    ]
    return [*history, *more], START + timedelta(days=later)


def depth(correction: Event, history: list[Event]) -> int:
    """1 for the correction of an event, 2 for the correction of that one."""
    target = next(one for one in history if one.id == correction.cancels)
    return 1 if target.cancels is None else 1 + depth(target, history)


moments = st.integers(-10, 1800).map(lambda days: START + timedelta(days=days, hours=5))


@given(histories(), moments, st.randoms())
def test_order_of_arrival_does_not_matter(events: list[Event], at: datetime, random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled, RULES, at) == score(events, RULES, at)


@given(histories(), moments)
def test_the_sum_shown_is_the_sum_of_the_statement(events: list[Event], at: datetime) -> None:
    found = score(events, RULES, at)
    assert found.opening + sum(line.change for line in found.lines) == found.points
    assert [line.balance for line in found.lines[-1:]] in ([], [found.points])
    assert RULES.floor <= found.points <= RULES.cap


@given(histories(), moments)
def test_the_statement_agrees_with_counting_what_counts(events: list[Event], at: datetime) -> None:
    """The running account and the plain definition (base + events in force) are the same number."""
    known = [one for one in events if one.cancels and one.recorded_at <= at]
    undone = {one.cancels for one in known}
    cancelled = {one.cancels for one in known if one.id not in undone}
    active = [
        one.points for one in events
        if one.cancels is None and one.recorded_at <= at < one.valid_until and one.id not in cancelled
    ]  # fmt: skip
    added, deducted = sum(p for p in active if p > 0), sum(p for p in active if p < 0)
    found = score(events, RULES, at)
    assert found.points == max(0, min(12_000, 10_000 + min(added, 1_000) + deducted))
    assert sorted(one.points for one in found.counting) == sorted(active)


@given(histories(), st.integers(1, 400), st.integers(0, 1500))
def test_what_was_taken_back_and_let_count_again_leaves_no_trace_in_score_or_pauses(
    history: list[Event], after: int, days: int
) -> None:
    """Undoing a decision restores exactly what it took, whatever happened in between."""
    undone, since = undo(history, after)
    untouched = [one for one in history if one.cancels is None]
    at = since + timedelta(days=days)
    assert score(undone, RULES, at).points == score(untouched, RULES, at).points
    assert score(undone, RULES, at).counting == score(untouched, RULES, at).counting
    assert pauses(undone, RULES, STRICT, at) == pauses(untouched, RULES, STRICT, at)


@given(histories(), moments, moments)
def test_a_past_day_is_the_prefix_of_todays_statement(events: list[Event], one: datetime, other: datetime) -> None:
    early, late = min(one, other), max(one, other)
    before, after = score(events, RULES, early), score(events, RULES, late)
    assert after.lines[: len(before.lines)] == before.lines
    later_knowledge = [x for x in events if x.recorded_at <= early]
    assert score(later_knowledge, RULES, early) == before


@given(histories(), moments, st.integers(0, 500))
def test_idle_firms_do_not_move(events: list[Event], at: datetime, days: int) -> None:
    """Without a booking, an expiry or a correction in between, the score stays."""
    later = at + timedelta(days=days)
    before, after = score(events, RULES, at), score(events, RULES, later)
    if len(before.lines) == len(after.lines):
        assert before.points == after.points


@given(histories(), moments)
def test_the_next_change_is_announced(events: list[Event], at: datetime) -> None:
    due = next_change([x for x in events if x.recorded_at <= at], at)
    known = [x for x in events if x.recorded_at <= at]
    if due is None:
        assert score(known, RULES, at + timedelta(days=5000)).points == score(known, RULES, at).points
    else:
        assert due > at
        assert score(known, RULES, due - timedelta(microseconds=1)).points == score(known, RULES, at).points


def test_a_newcomer_is_unrated_until_an_event_or_a_finished_job() -> None:
    assert not score([], RULES, START).rated
    assert score([], RULES, START).points == 10_000
    assert score([], RULES, START, finished_jobs=1).rated
    assert score([event(1, -200, 0)], RULES, START).rated
    assert not score([event(1, -200, 1)], RULES, START).rated


def test_expired_events_show_but_do_not_count() -> None:
    found = score([event(1, -2_000, 0)], RULES, add_months(START, 12))
    assert [(line.why, line.change, line.balance) for line in found.lines] == [
        ("booked", -2_000, 8_000), ("expired", 2_000, 10_000),
    ]  # fmt: skip
    assert found.counting == ()


def test_a_correction_takes_an_event_back_from_its_own_day_on() -> None:
    events = [event(1, -2_000, 0), event(2, 0, 30, kind=CORRECTION, cancels=1)]
    assert score(events, RULES, START + timedelta(days=29)).points == 8_000
    found = score(events, RULES, START + timedelta(days=30))
    assert (found.points, found.lines[-1].why, found.counting) == (10_000, "cancelled", ())


def test_bonuses_are_capped_and_the_line_says_what_they_moved() -> None:
    found = score([event(n, 100, n) for n in range(12)], RULES, START + timedelta(days=20))
    assert found.points == 11_000
    assert [line.change for line in found.lines] == [100] * 10 + [0, 0]


def test_bands_include_their_least_score() -> None:
    assert [RULES.band(points) for points in (12_000, 9_500, 9_499, 8_500, 7_000, 6_999, 6_000, 5_999, 0)] == [
        5, 5, 4, 4, 3, 2, 2, 1, 1,
    ]  # fmt: skip


def test_lateness_costs_for_each_started_tenth_of_the_limit_up_to_the_most() -> None:
    def cost(late: int, limit: int = 20) -> int:
        return late_delivery_points(late, limit, points_a_step=3, step_share=1_000, most=15)

    assert [cost(late) for late in (0, 1, 2, 3, 4, 5, 9, 10, 11, 400)] == [0, -3, -3, -6, -6, -9, -15, -15, -15, -15]
    assert cost(1, limit=5) == -6  # a tenth of five days is half a day: one day starts the second
