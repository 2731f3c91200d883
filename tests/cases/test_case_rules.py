"""The order of a case and the ladder of measures, for any course of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue.files import read_rulebook, rulebook_files
from market.kernel.errors import Refusal
from ratings.cases import rules
from ratings.cases.queries import terms_of
from ratings.cases.rules import GROUNDS, PUBLISHED, Facts, Measure, State, Violation

START = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
BOOK = read_rulebook(rulebook_files()[0])
HOURS = st.integers(0, 2000).map(lambda hours: START + timedelta(hours=hours))
RECORDED = Facts(ONE, START, START + timedelta(days=10))


def notified(**more: object) -> Facts:
    facts: dict[str, object] = {
        "recorded_by": ONE, "recorded_at": START, "notice_due_at": START + timedelta(days=10), "notified_at": START,
        "defence_due_at": START + timedelta(days=7), "decision_due_at": START + timedelta(days=30),
    }  # fmt: skip
    return Facts(**{**facts, **more})  # type: ignore[arg-type]


@given(now=HOURS, asked=st.booleans(), heard=st.booleans())
def test_nothing_is_decided_against_the_firm_unless_it_could_defend_itself(
    now: datetime, asked: bool, heard: bool
) -> None:
    facts = notified(hearing_asked_at=START if asked else None, heard_at=START if heard else None)
    assert facts.defence_due_at is not None
    may = now >= facts.defence_due_at and (heard or not asked)
    rules.check_decision(facts, "unfounded", now)
    if may:
        rules.check_decision(facts, "founded", now)
    else:
        with pytest.raises(Refusal):
            rules.check_decision(facts, "founded", now)


@given(now=HOURS)
def test_a_step_that_waits_has_a_time_and_a_case_is_at_one_step(now: datetime) -> None:
    decided = notified(
        outcome="founded",
        decided_by=TWO,
        decided_at=START + timedelta(days=8),
        appeal_due_at=START + timedelta(days=20),
    )
    for facts in (RECORDED, notified(), decided):
        state, due = rules.state_of(facts, now), rules.due_of(facts, now)
        assert (due is None) == (state is State.FINAL)
        if due:
            assert due[0] < due[1]
    assert rules.state_of(decided, now) is (State.DECIDED if now < START + timedelta(days=20) else State.FINAL)


@pytest.mark.parametrize(("person", "allowed"), [(ONE, False), (TWO, False), (THREE, True)])
def test_an_appeal_needs_a_third_person(person: UUID, allowed: bool) -> None:
    facts = notified(outcome="founded", decided_by=TWO, decided_at=START)
    if allowed:
        rules.check_judge(facts, person)
        return
    with pytest.raises(Refusal):
        rules.check_judge(facts, person)


@given(violation=st.sampled_from(list(Violation)), place=st.integers(0, 20))
def test_what_an_appeal_offers_is_always_milder(violation: Violation, place: int) -> None:
    offered = rules.offered(terms_of(violation, BOOK))
    assert [one.weight for one in offered] == sorted(one.weight for one in offered)
    chosen = offered[place % len(offered)]
    assert all(one.weight < chosen.weight for one in rules.milder(chosen, offered))


def test_what_follows_from_a_breach_is_what_the_rulebook_says_of_its_kind() -> None:
    def codes(violation: Violation) -> list[str]:
        return [one.code for one in rules.offered(terms_of(violation, BOOK))]

    assert {one for one in Violation if GROUNDS[one].grave} == {Violation.FRAUD, Violation.COLLUSION}
    assert codes(Violation.FRAUD) == ["restricted:12", "restricted:24", "restricted:36"]
    assert codes(Violation.COLLUSION) == ["restricted:12", "restricted:24"]
    assert codes(Violation.ILLEGAL_SUBCONTRACT) == ["pause:6"]
    assert codes(Violation.REPEATED_COMPLAINTS) == ["removal:12", "removal:24", "removal:36"]
    assert codes(Violation.SIGN_REFUSED) == ["reminder", "talk", "warning", "pause:6"]
    assert codes(Violation.POOR_PERFORMANCE)[-4:] == ["pause:1", "pause:3", "pause:6", "pause:12"]
    assert Measure.TALK not in PUBLISHED
