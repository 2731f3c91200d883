"""Signing as rules: random histories, the deadline's edge, what refusing costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue import files
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.errors import Refusal
from market.kernel.lamps import LampRule
from projects.contracts import rules
from projects.contracts.queries import lit
from projects.contracts.rules import Aftermath, Ending, Facts, Side, State, Step

BOOK = files.read_rulebook(files.DATA / "rulebook-2025-1.toml")
OPENED = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
DUE = Calendar().add_working_days(OPENED, 10)
COLOURS = ("green", "amber", "red")

moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: OPENED + timedelta(minutes=minutes))
acts = st.lists(st.tuples(moments, st.sampled_from(Side), st.sampled_from(["sign", "refuse"])), max_size=8)


def play(history: list[tuple[datetime, Side, str]]) -> Facts:
    """What a contract becomes when everybody tries these acts in the order of time."""
    facts = Facts(sign_due_at=DUE)
    for now, side, act in sorted(history, key=lambda one: one[0]):
        try:
            if act == "sign" and rules.check_signing(facts, side, now=now):
                facts = rules.sign(facts, side, now=now)
            elif act == "refuse":
                rules.check_refusal(facts, side, now=now)
                facts = Facts(**{**vars(facts), "ended": rules.REFUSED[side], "ended_at": now})
        except Refusal:
            continue
    return facts


@given(acts)
def test_every_history_ends_in_one_state_that_its_facts_explain(history: list[tuple[datetime, Side, str]]) -> None:
    facts = play(history)
    signed = {side for side in Side if facts.signed_at(side)}
    assert (facts.in_force_at is not None) == (signed == set(Side))
    assert all(at is None or at < DUE for at in (facts.owner_signed_at, facts.agency_signed_at, facts.ended_at))
    if facts.ended is not None:
        assert facts.in_force_at is None, "nobody can refuse a contract in force"
        assert Side.OWNER not in signed or facts.ended is Ending.AGENCY_REFUSED
        assert Side.AGENCY not in signed or facts.ended is Ending.OWNER_REFUSED
    assert rules.is_lapsed(facts, now=DUE) == (rules.state_of(facts) is State.SIGNING)
    assert not rules.is_lapsed(facts, now=DUE - timedelta(microseconds=1))


@given(acts)
def test_signing_twice_changes_nothing(history: list[tuple[datetime, Side, str]]) -> None:
    facts = play(history)
    for side in Side:
        if facts.ended is None and facts.signed_at(side):
            assert rules.check_signing(facts, side, now=DUE + timedelta(days=90)) is False


def test_a_signature_at_the_very_end_of_the_time_is_too_late_and_says_when() -> None:
    facts = Facts(sign_due_at=DUE)
    assert rules.check_signing(facts, Side.OWNER, now=DUE - timedelta(seconds=1))
    with pytest.raises(Refusal) as refused:
        rules.check_signing(facts, Side.OWNER, now=DUE)
    assert refused.value.code == "contract.sign_time_over"
    assert refused.value.rule == "contract.sign_days"
    assert refused.value.facts["now"] == DUE


def test_whoever_signed_cannot_refuse_but_the_other_side_can() -> None:
    facts = rules.sign(Facts(sign_due_at=DUE), Side.AGENCY, now=OPENED)
    with pytest.raises(Refusal, match="signed_cannot_refuse"):
        rules.check_refusal(facts, Side.AGENCY, now=OPENED)
    rules.check_refusal(facts, Side.OWNER, now=OPENED)


@pytest.mark.parametrize(
    ("missing", "aftermath"),
    [
        ((Side.AGENCY,), Aftermath.REDRAW),
        ((Side.OWNER, Side.AGENCY), Aftermath.REDRAW),
        ((Side.OWNER,), Aftermath.TERMINATE),
    ],
)
def test_an_agency_that_lets_the_time_pass_is_replaced_and_an_owner_ends_its_project(
    missing: tuple[Side, ...], aftermath: Aftermath
) -> None:
    assert rules.after_lapse(missing) is aftermath


def test_what_refusing_costs_is_the_rulebooks_word_for_both_sides() -> None:
    for side in Side:
        costs = rules.costs_of_refusal(side, BOOK.integer)
        assert costs
        assert all(BOOK.rule(cost.rule).key == cost.rule for cost in costs)
    assert rules.costs_of_refusal(Side.AGENCY, BOOK.integer)[0].message.facts == {"points": 20}


@given(moments, moments)
def test_the_lamp_of_a_step_never_turns_back(first: datetime, second: datetime) -> None:
    calendar, step = Calendar(), Step("sign", (Side.OWNER,), OPENED, DUE)
    earlier, later = sorted((first, second))
    before, after = (lit(step, BOOK, now=now, calendar=calendar) for now in (earlier, later))
    assert COLOURS.index(before.colour) <= COLOURS.index(after.colour)
    assert before.days_left >= after.days_left
    assert (after.colour == "red") == (later >= DUE - timedelta(microseconds=1))


def test_the_last_day_of_the_time_counts_as_none_left() -> None:
    step = Step("sign", (Side.OWNER,), OPENED, DUE)
    last_day = DUE - timedelta(hours=3)
    assert lit(step, BOOK, now=last_day, calendar=Calendar()).days_left == 0
    assert lit(step, BOOK, now=OPENED, calendar=Calendar()).days_left == 10
    assert LampRule(BOOK.share("lamp.yellow_share"), BOOK.working_days("lamp.yellow_days")) == LampRule(2000, 2)
