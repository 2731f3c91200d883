"""Pauses follow from the events alone, and end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given

from ratings.credit.rules import (
    CORRECTION,
    UNRATED,
    Event,
    OwnerRules,
    PauseRules,
    RedRules,
    Tier,
    loses_red,
    may_be_red,
    owner_pauses,
    pauses,
    suspended_by,
    warning,
)
from ratings.credit.rules.evidence import wilson_bound
from ratings.periods import term_end
from tests.ratings.test_credit_rules import RULES, START, event, histories, moments

TIERS = (
    Tier(4_000, 6, "tier.severe_below"), Tier(6_000, 3, "tier.long_pause_below"), Tier(7_000, 1, "tier.pause_below"),
)  # fmt: skip
PAUSES = PauseRules(9_000, 8_000, TIERS, 2, 6, 3, 90, 1, 2, 12, 6)
RED = RedRules(9_500, 5, 12, 500, 5_000)


def begun(events: list[Event], at: datetime) -> list[tuple[str, datetime, datetime]]:
    return [(pause.rule, pause.starts_at, pause.ends_at) for pause in pauses(events, RULES, PAUSES, at)]


def test_seventy_points_do_not_pause_and_less_do() -> None:
    assert begun([event(1, -3_000, 0)], START) == []
    assert begun([event(1, -3_001, 0)], START) == [("tier.pause_below", START, term_end(START, 1))]
    assert begun([event(1, -4_001, 0)], START) == [("tier.long_pause_below", START, term_end(START, 3))]
    assert begun([event(1, -10_000, 0)], START) == [("tier.severe_below", START, term_end(START, 6))]


def test_a_pause_starts_when_it_is_recorded_and_ends_half_open() -> None:
    late = event(1, -3_500, 0, lag=4)
    found = pauses([late], RULES, PAUSES, START + timedelta(days=40))
    assert found[0].starts_at == START + timedelta(days=4)
    assert suspended_by(found, found[0].ends_at - timedelta(microseconds=1)) == found[0]
    assert suspended_by(found, found[0].ends_at) is None
    assert suspended_by(found, START) is None


def test_bonuses_and_small_deductions_above_the_limit_pause_nobody() -> None:
    assert begun([event(1, 100, 0), event(2, -200, 1)], START + timedelta(days=9)) == []


def test_a_deduction_in_a_running_pause_prolongs_it_and_is_no_second_pause() -> None:
    found = begun([event(1, -3_500, 0), event(2, -200, 10)], START + timedelta(days=50))
    assert [rule for rule, _, _ in found] == ["tier.pause_below", "tier.pause_below"]
    assert found[1][2] == term_end(START + timedelta(days=10), 1)


def test_the_second_pause_within_twelve_months_is_severe() -> None:
    second = START + timedelta(days=60)
    found = begun([event(1, -3_500, 0), event(2, -200, 60)], second)
    assert found[1] == ("tier.severe_pauses", second, term_end(second, 6))
    # Thirteen months later the first deduction has expired, and so has its memory.
    apart = begun([event(1, -3_500, 0), event(2, -3_500, 400)], START + timedelta(days=400))
    assert [rule for rule, _, _ in apart] == ["tier.pause_below", "tier.pause_below"]


def test_the_third_withdrawal_in_ninety_days_pauses() -> None:
    def third(day: int) -> list[str]:
        made = [event(n, -200, days, kind="sign_up_abandoned") for n, days in enumerate([0, 40, day])]
        return [rule for rule, _, _ in begun(made, START + timedelta(days=200))]

    assert third(89) == ["pause.signup_cancelled.times"]
    assert third(90) == []


def test_the_second_refusal_in_twelve_months_pauses_for_six() -> None:
    made = [event(1, -2_000, 0, kind="sign_refused"), event(2, -2_000, 100, kind="sign_lapsed")]
    assert [(rule, ends) for rule, _, ends in begun(made, START + timedelta(days=100))] == [
        ("pause.sign_refused.times", term_end(START + timedelta(days=100), 6))
    ]


def test_taking_the_deduction_back_ends_its_pause() -> None:
    made = [event(1, -3_500, 0), event(2, 0, 5, kind=CORRECTION, cancels=1)]
    assert len(begun(made, START + timedelta(days=4))) == 1
    assert begun(made, START + timedelta(days=5)) == []


@given(histories(), moments)
def test_pauses_do_not_depend_on_the_order_of_arrival(events: list[Event], at: datetime) -> None:
    assert pauses(list(reversed(events)), RULES, PAUSES, at) == pauses(events, RULES, PAUSES, at)


@given(histories(), moments)
def test_every_pause_has_a_deduction_that_was_recorded(events: list[Event], at: datetime) -> None:
    for pause in pauses(events, RULES, PAUSES, at):
        assert pause.cause.points < 0
        assert pause.starts_at == pause.cause.recorded_at <= at < pause.ends_at or pause.ends_at <= at


def test_warnings_come_before_pauses() -> None:
    assert [warning(points, PAUSES) for points in (9_000, 8_999, 8_000, 7_999)] == [
        None, "tier.reminder_below", "tier.reminder_below", "tier.talk_below",
    ]  # fmt: skip


def test_the_red_list_wants_score_jobs_and_a_clean_year() -> None:
    at = START + timedelta(days=400)
    assert may_be_red([], 9_500, 5, RED, at)
    assert not may_be_red([], 9_499, 5, RED, at)
    assert not may_be_red([], 9_500, 4, RED, at)
    assert not may_be_red([event(1, -200, 100)], 9_800, 9, RED, at)
    assert may_be_red([event(1, -200, 10)], 9_800, 9, RED, at)
    taken_back = [event(1, -200, 100), event(2, 0, 110, kind=CORRECTION, cancels=1)]
    assert may_be_red(taken_back, 10_000, 9, RED, at)


def test_five_points_cost_the_red_list() -> None:
    assert loses_red(event(1, -500, 0), RED)
    assert not loses_red(event(1, -499, 0), RED)


def test_ids_are_unique_in_the_tests_own_histories() -> None:
    assert event(3, 0, 0).id == UUID(int=3)


def test_owners_pause_after_their_third_breach_within_twelve_months() -> None:
    rules = OwnerRules(3, 12, 1, 2, 1)

    def breaches(*days: int, kind: str = "owner_sign_refused") -> list[tuple[datetime, datetime]]:
        made = [event(n, 0, day, kind=kind) for n, day in enumerate(days)]
        return [(one.starts_at, one.ends_at) for one in owner_pauses(made, rules, START + timedelta(days=900))]

    assert breaches(0, 100) == []
    third = START + timedelta(days=300)
    assert breaches(0, 100, 300) == [(third, term_end(third, 1))]
    assert breaches(0, 100, 366) == []
    assert breaches(0, 50, 100, 200, 250, kind=UNRATED) == []
    assert breaches(0, 50, 100, 200, 250, 300, kind=UNRATED) == [(third, term_end(third, 1))]
    taken_back = [event(n, 0, n, kind="owner_sign_lapsed") for n in range(3)]
    taken_back.append(event(9, 0, 5, kind=CORRECTION, cancels=1))
    assert len(owner_pauses(taken_back, rules, START + timedelta(days=4))) == 1
    assert owner_pauses(taken_back, rules, START + timedelta(days=5)) == ()


@pytest.mark.parametrize(
    ("good", "of", "bound"), [(2, 2, 3424), (100, 101, 9460), (209, 259, 7545), (118, 143, 7546), (0, 0, 0)]
)
def test_few_cases_prove_little(good: int, of: int, bound: int) -> None:
    """Worked numbers of E. Miller's article on Wilson's bound."""
    assert wilson_bound(good, of) == bound


def test_one_late_job_of_six_is_too_many_and_one_of_thirty_is_not() -> None:
    late = [replace(event(1, -300, 0), kind="late_delivery", project_number="MX-1")]
    at = START + timedelta(days=500)
    assert may_be_red([], 10_000, 5, RED, at)
    assert not may_be_red(late, 10_000, 6, RED, at)
    assert may_be_red(late, 10_000, 30, RED, at)
