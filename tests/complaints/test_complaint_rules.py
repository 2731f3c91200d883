"""Complaints as rules: who, when, in which order, and what a decision can still change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.calendar import Calendar
from market.kernel.errors import Refusal
from projects.complaints import rules
from projects.complaints.rules import Decision, Effect, Facts, Objected, Remedy, Ruling, Standing, State
from projects.contracts.rules import due_after_hold
from projects.rules import ENDED, Stage

OBJECTOR, OWNER, DRAWN, STRANGER = (UUID(int=number) for number in range(1, 5))
NOON = datetime(2026, 6, 16, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANSWERED = Objected(OBJECTOR, OWNER, DRAWN, False, NOON, NOON + DAY, None)
UNANSWERED = replace(ANSWERED, answered_at=None)
FILED = Facts(acceptance_due_at=NOON + 3 * DAY)
RETURNED = replace(FILED, returned_at=NOON, correction_due_at=NOON + 5 * DAY)
ACCEPTED = replace(FILED, accepted_at=NOON, decision_due_at=NOON + 30 * DAY)


@pytest.mark.parametrize(
    ("who", "upheld", "standing"),
    [
        (OBJECTOR, False, Standing.OBJECTOR), (OWNER, False, Standing.OWNER), (DRAWN, True, Standing.WINNER),
        (DRAWN, False, None), (STRANGER, True, None), (None, True, None),
    ],
)  # fmt: skip
def test_who_may_complain(who: UUID | None, upheld: bool, standing: Standing | None) -> None:
    assert rules.standing_of(who, replace(ANSWERED, upheld=upheld)) is standing


def test_an_owner_that_objected_complains_as_objector() -> None:
    assert rules.standing_of(OWNER, replace(ANSWERED, raised_by=OWNER)) is Standing.OBJECTOR


def test_the_time_runs_from_the_answer_or_from_the_end_of_the_time_for_it() -> None:
    assert rules.time_to_file_from(ANSWERED, NOON + DAY) == NOON
    assert rules.time_to_file_from(UNANSWERED, NOON) is None
    start = rules.time_to_file_from(UNANSWERED, NOON + DAY)
    assert start is not None
    assert NOON + DAY - start == timedelta(microseconds=1)


def refusal(check, *args, **named) -> str | None:
    try:
        check(*args, **named)
    except Refusal as problem:
        return problem.code
    return None


def test_filing_in_time_only() -> None:
    assert refusal(rules.check_filing, ANSWERED, file_by=NOON + DAY, now=NOON) is None
    assert refusal(rules.check_filing, ANSWERED, file_by=NOON, now=NOON) == "complaint.too_late"
    assert refusal(rules.check_filing, UNANSWERED, file_by=None, now=NOON) == "complaint.not_answered"
    taken_back = replace(ANSWERED, withdrawn_at=NOON)
    assert refusal(rules.check_filing, taken_back, file_by=NOON + DAY, now=NOON) == "complaint.objection_withdrawn"


def test_the_state_follows_from_the_facts() -> None:
    assert rules.state_of(FILED) is State.FILED
    assert rules.state_of(RETURNED) is State.RETURNED
    assert rules.state_of(replace(RETURNED, corrected_at=NOON)) is State.FILED
    assert rules.state_of(ACCEPTED) is State.ACCEPTED
    for fact, state in (
        ("refused_at", State.REFUSED),
        ("withdrawn_at", State.WITHDRAWN),
        ("decided_at", State.DECIDED),
    ):
        assert rules.state_of(replace(ACCEPTED, **{fact: NOON})) is state


def test_each_step_in_its_turn() -> None:
    ended = replace(ACCEPTED, decided_at=NOON)
    assert refusal(rules.check_examination, FILED) is None
    assert refusal(rules.check_examination, RETURNED) == "complaint.moved_on"
    assert refusal(rules.check_examination, ACCEPTED) == "complaint.moved_on"
    assert refusal(rules.check_return, FILED) is None
    assert refusal(rules.check_return, replace(RETURNED, corrected_at=NOON)) == "complaint.returned_before"
    assert refusal(rules.check_correction, RETURNED, NOON) is None
    assert refusal(rules.check_correction, RETURNED, NOON + 5 * DAY) == "complaint.correction_late"
    assert refusal(rules.check_decision, ACCEPTED) is None
    assert refusal(rules.check_decision, FILED) == "complaint.moved_on"
    assert refusal(rules.check_extension, ACCEPTED, NOON) is None
    assert refusal(rules.check_extension, ACCEPTED, NOON + 30 * DAY) == "complaint.extension_late"
    assert refusal(rules.check_extension, replace(ACCEPTED, extended_at=NOON), NOON) == "complaint.extended_before"
    assert refusal(rules.check_open, ended) == "complaint.moved_on"
    assert [refusal(rules.check_open, one) for one in (FILED, RETURNED, ACCEPTED)] == [None] * 3


def test_a_correction_lapses_at_its_deadline() -> None:
    assert not rules.correction_lapsed(RETURNED, NOON + 5 * DAY - timedelta(microseconds=1))
    assert rules.correction_lapsed(RETURNED, NOON + 5 * DAY)
    assert not rules.correction_lapsed(replace(RETURNED, corrected_at=NOON), NOON + 5 * DAY)


def test_a_contract_in_force_is_nobodys_to_annul() -> None:
    for stage in (Stage.FULFILMENT, Stage.ACCEPTED, *ENDED):
        for stands in (True, False):
            for upheld in (True, False):
                assert rules.effect_of(stage, result_stands=stands, upheld=upheld) is Effect.FINDING


@pytest.mark.parametrize("stage", [Stage.RESULT_NOTICE, Stage.CONTRACTING])
def test_until_then_the_result_can_be_changed(stage: Stage) -> None:
    assert rules.effect_of(stage, result_stands=True, upheld=False) is Effect.REMEDY
    assert rules.effect_of(stage, result_stands=False, upheld=True) is Effect.REMEDY
    assert rules.effect_of(stage, result_stands=False, upheld=False) is Effect.FINDING


@pytest.mark.parametrize("stage", [Stage.SIGN_UP, Stage.DRAWING, Stage.EVALUATION])
def test_while_the_next_result_is_found_a_decision_waits_or_ends_it(stage: Stage) -> None:
    assert rules.effect_of(stage, result_stands=False, upheld=True) is Effect.WAIT
    ruling = Ruling(Decision.UPHELD, "x", "", "x", Remedy.REDRAW)
    assert refusal(rules.check_ruling, ruling, Effect.WAIT, ()) == "complaint.remedy"
    assert refusal(rules.check_ruling, replace(ruling, remedy=Remedy.ANNUL), Effect.WAIT, ()) is None


@given(st.sampled_from(list(Remedy)), st.sampled_from(list(Effect)))
def test_a_remedy_is_one_of_those_that_are_possible(remedy: Remedy, effect: Effect) -> None:
    ruling = Ruling(Decision.UPHELD, "law", "a.rule", "reasons", remedy)
    allowed = remedy in rules.REMEDIES[effect]
    assert refusal(rules.check_ruling, ruling, effect, {"a.rule"}) == (None if allowed else "complaint.remedy")
    dismissed = replace(ruling, decision=Decision.DISMISSED, remedy=None)
    assert refusal(rules.check_ruling, dismissed, effect, {"a.rule"}) is None
    assert refusal(rules.check_ruling, ruling, effect, {"b.rule"}) == "complaint.unknown_rule"


@given(st.integers(0, 40), st.integers(0, 20), st.integers(0, 60))
def test_the_working_days_that_were_left_are_left_again(left: int, begun: int, held: int) -> None:
    calendar = Calendar(provisional=frozenset(range(2020, 2030)))
    opened = NOON
    since = opened + begun * DAY
    due_at = calendar.add_working_days(since, left) if left else since.replace(hour=16)  # 24:00 in Beijing
    now = since + held * DAY
    after = due_after_hold(due_at, since, now, calendar=calendar)
    assert calendar.working_days_between(now, after - timedelta(microseconds=1)) == max(left, 1)
    assert after > now
