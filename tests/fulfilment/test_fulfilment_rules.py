"""Delivery and acceptance as rules: lateness, corrections, reminders and silence over random histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.calendar import BEIJING, Calendar
from market.kernel.errors import Refusal
from projects.fulfilment import rules
from projects.fulfilment.rules import AnswerTerms, Decision, Delivered, Turn

CALENDAR = Calendar()
START = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)  # a Tuesday; the Dragon Boat festival is on Friday the 19th
TERMS = AnswerTerms(silence_days=10, reminder_days=(5, 9), returns_max=2, correction_days=5)

moments = st.integers(0, 120 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
limits = st.integers(1, 40).map(lambda days: CALENDAR.add_working_days(START, days))


def delivered(at: datetime, **more: Any) -> Delivered:
    return replace(
        Delivered(at, CALENDAR.add_working_days(at, 10), remind_at=rules.reminder_at(at, 0, TERMS, calendar=CALENDAR)),
        **more,
    )


def returned(at: datetime) -> Delivered:
    return delivered(at, decision=Decision.RETURNED, decided_at=at, correction_due_at=CALENDAR.add_working_days(at, 5))


@given(limits, moments)
def test_lateness_is_never_negative_and_zero_exactly_in_time(due: datetime, at: datetime) -> None:
    late = rules.late_days(due, at, calendar=CALENDAR)
    assert late >= 0
    assert (late == 0) == (at < due)


@given(limits, moments, moments)
def test_the_later_the_delivery_the_more_it_is_late(due: datetime, first: datetime, second: datetime) -> None:
    earlier, later = sorted((first, second))
    assert rules.late_days(due, earlier, calendar=CALENDAR) <= rules.late_days(due, later, calendar=CALENDAR)


@given(limits, limits, moments)
def test_a_longer_limit_never_makes_a_delivery_later(first: datetime, second: datetime, at: datetime) -> None:
    shorter, longer = sorted((first, second))
    assert rules.late_days(longer, at, calendar=CALENDAR) <= rules.late_days(shorter, at, calendar=CALENDAR)


def test_lateness_counts_working_days_only() -> None:
    due = CALENDAR.add_working_days(START, 2)  # the end of Thursday 18 June
    for at, late in [
        (datetime(2026, 6, 18, 23, 59, tzinfo=BEIJING), 0),
        (datetime(2026, 6, 19, 0, 0, tzinfo=BEIJING), 1),  # a holiday, but after the limit
        (datetime(2026, 6, 21, 12, 0, tzinfo=BEIJING), 1),
        (datetime(2026, 6, 22, 12, 0, tzinfo=BEIJING), 1),  # the first working day after it
        (datetime(2026, 6, 24, 0, 1, tzinfo=BEIJING), 3),
    ]:
        assert rules.late_days(due, at, calendar=CALENDAR) == late, at


@given(limits, moments)
def test_a_correction_gets_what_is_left_and_never_less_than_its_own_time(limit: datetime, at: datetime) -> None:
    due = rules.correction_limit(limit, at, TERMS, calendar=CALENDAR)
    assert due >= limit
    assert CALENDAR.working_days_between(at, due - timedelta(microseconds=1)) >= TERMS.correction_days


@given(moments)
def test_reminders_lie_on_their_working_days_and_before_the_end(at: datetime) -> None:
    ends = CALENDAR.add_working_days(at, TERMS.silence_days)
    times = [rules.reminder_at(at, sent, TERMS, calendar=CALENDAR) for sent in range(2)]
    assert rules.reminder_at(at, 2, TERMS, calendar=CALENDAR) is None
    for moment, days in zip(times, TERMS.reminder_days, strict=True):
        assert moment is not None
        assert at < moment < ends
        assert CALENDAR.is_working(moment.date())
        assert CALENDAR.working_days_between(at, moment) == days


@given(moments, st.lists(st.integers(1, 60 * 24 * 20), min_size=2, max_size=2))
def test_silence_accepts_only_after_every_reminder_and_a_whole_working_day(at: datetime, delays: list[int]) -> None:
    """However late the reminders were sent (the site was down), the owner has time after the last one."""
    facts, now = delivered(at), at
    for delay in delays:
        assert facts.remind_at is not None
        now = max(now, facts.remind_at) + timedelta(minutes=delay)
        assert not rules.silence_accepts(facts, now=facts.answer_due_at + timedelta(days=90)), (
            "a reminder is still owed"
        )
        facts = rules.after_reminder(facts, TERMS, now=now, calendar=CALENDAR)
    assert facts.reminded == 2
    assert facts.answer_due_at >= CALENDAR.add_working_days(now, 1)
    assert facts.answer_due_at >= CALENDAR.add_working_days(at, TERMS.silence_days)
    assert rules.silence_accepts(facts, now=facts.answer_due_at)
    assert not rules.silence_accepts(facts, now=facts.answer_due_at - timedelta(microseconds=1))


def test_reminders_in_time_leave_the_end_where_the_contract_puts_it() -> None:
    facts = delivered(START)
    for _ in range(2):
        assert facts.remind_at is not None
        facts = rules.after_reminder(facts, TERMS, now=facts.remind_at, calendar=CALENDAR)
    assert facts.answer_due_at == CALENDAR.add_working_days(START, TERMS.silence_days)


@given(
    st.lists(st.sampled_from(["deliver", "accept", "return"]), max_size=20), st.lists(moments, min_size=20, max_size=20)
)
def test_any_history_keeps_one_delivery_open_and_the_returns_within_their_number(
    acts: list[str], times: list[datetime]
) -> None:
    history: list[Delivered] = []
    for act, now in zip(acts, sorted(times), strict=False):
        try:
            if act == "deliver":
                rules.check_delivery(history)
                history.append(delivered(now))
            elif act == "accept" and rules.check_accepting(history):
                history[-1] = replace(history[-1], decision=Decision.ACCEPTED, decided_at=now)
            elif act == "return":
                rules.check_return(history, TERMS, now=now)
                history[-1] = returned(now)
        except Refusal:
            continue
    assert [one.decision for one in history[:-1]] == [Decision.RETURNED] * max(len(history) - 1, 0)
    assert rules.returns_so_far(history) <= TERMS.returns_max
    turns = {None: Turn.ANSWER, Decision.RETURNED: Turn.DELIVERY, Decision.ACCEPTED: Turn.NOTHING}
    assert rules.turn_of(history) is (turns[history[-1].decision] if history else Turn.DELIVERY)


def test_a_return_after_the_time_or_the_number_is_refused_with_its_rule() -> None:
    waiting = delivered(START)
    with pytest.raises(Refusal) as late:
        rules.check_return([waiting], TERMS, now=waiting.answer_due_at)
    assert late.value.rule == "acceptance.silence_days"
    with pytest.raises(Refusal) as often:
        rules.check_return([returned(START), returned(START), waiting], TERMS, now=START)
    assert often.value.rule == "acceptance.returns_max"
    rules.check_return([returned(START), waiting], TERMS, now=START)


def test_nothing_can_be_answered_before_a_delivery_and_nothing_delivered_after_acceptance() -> None:
    with pytest.raises(Refusal, match=r"delivery\.none"):
        rules.check_accepting([])
    accepted = delivered(START, decision=Decision.BY_SILENCE, decided_at=START)
    assert rules.check_accepting([accepted]) is False
    with pytest.raises(Refusal, match=r"delivery\.accepted"):
        rules.check_delivery([accepted])
    with pytest.raises(Refusal, match=r"delivery\.answered"):
        rules.check_return([accepted], TERMS, now=START)
