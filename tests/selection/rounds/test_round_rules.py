"""The pure rules of a round: pools do not depend on arrival order, minimums, causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from agencies.rules import GOOD_STANDING, AgencyFacts
from market.kernel.errors import Message
from projects.eligibility import Assessment, Line
from projects.selection.dossiers.selection_format import purpose_of
from projects.selection.rounds.rules import (
    FURTHER,
    Candidate,
    Cause,
    abandoned_line,
    barred,
    build_pool,
    left_out_line,
    minimum,
    too_few,
)

START = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
FINE = Line("admitted", True, Message("fine"))
BAD = Line("suspended", False, Message("bad"))


def agency(number: int, head: int | None = None) -> AgencyFacts:
    return AgencyFacts(
        id=UUID(int=number), code=f"9137{number:014d}", name=f"机构{number}", legal_representative="", parent_code=None,
        branch_of=None if head is None else f"9137{head:014d}", stage="admitted", admitted_at=START, service_items=frozenset(),
        qualifications=(), practitioners=(), standing=GOOD_STANDING,
    )  # fmt: skip


@st.composite
def signed_up(draw: st.DrawFn) -> list[Candidate]:
    """Agencies, some of them branches of others, some not eligible, some at the very same moment."""
    numbers = draw(st.lists(st.integers(0, 30), unique=True, max_size=15))
    made = []
    for number in numbers:
        head = draw(st.one_of(st.none(), st.integers(0, 5)))
        minute = draw(st.integers(0, 8))
        lines = (FINE, BAD) if draw(st.booleans()) and draw(st.booleans()) else (FINE,)
        assessment = Assessment(all(line.passed for line in lines), lines)
        facts = agency(number, None if head in (None, number) else head)
        made.append(Candidate(facts, START + timedelta(minutes=minute), assessment))
    return made


@given(signed_up(), st.integers(0, 2**32), st.booleans())
def test_the_pool_does_not_depend_on_the_order(candidates: list[Candidate], seed: int, as_one: bool) -> None:
    shuffled = list(candidates)
    Random(seed).shuffle(shuffled)
    assert build_pool(shuffled, branches_as_one=as_one) == build_pool(candidates, branches_as_one=as_one)


@given(signed_up(), st.booleans())
def test_everybody_is_in_the_pool_or_left_out_with_a_reason(candidates: list[Candidate], as_one: bool) -> None:
    pool = build_pool(candidates, branches_as_one=as_one)
    placed = [one.agency.id for one in (*pool.entrants, *pool.excluded)]
    assert sorted(placed) == sorted(one.agency.id for one in candidates)
    assert all(one.assessment.eligible for one in pool.entrants)
    assert all(any(not line.passed for line in one.assessment.lines) for one in pool.excluded)
    assert not any(one.assessment.eligible for one in pool.excluded)
    codes = [one.agency.code for one in pool.entrants]
    assert codes == sorted(codes)


@given(signed_up())
def test_one_of_a_head_office_and_its_branches_stays(candidates: list[Candidate]) -> None:
    pool = build_pool(candidates, branches_as_one=True)
    heads = [one.agency.branch_of or one.agency.code for one in pool.entrants]
    assert len(set(heads)) == len(heads)
    for head in heads:
        family = [
            one for one in candidates if one.assessment.eligible and (one.agency.branch_of or one.agency.code) == head
        ]
        first = min(family, key=lambda one: (one.signed_up_at, one.agency.code))
        assert first.agency.id in {one.agency.id for one in pool.entrants}


@given(signed_up())
def test_someone_not_eligible_costs_nobody_else_its_place(candidates: list[Candidate]) -> None:
    everybody = build_pool(candidates, branches_as_one=True).entrants
    eligible = [one for one in candidates if one.assessment.eligible]
    assert build_pool(eligible, branches_as_one=True).entrants == everybody


@given(signed_up(), st.data())
def test_a_barred_candidate_is_out_and_says_why(candidates: list[Candidate], data: st.DataObject) -> None:
    if not candidates:
        return
    chosen = data.draw(st.sampled_from(candidates))
    line = data.draw(st.sampled_from([abandoned_line(START), *map(left_out_line, sorted(FURTHER))]))
    pool = build_pool([barred(one, line) if one is chosen else one for one in candidates], branches_as_one=True)
    out = {one.agency.id: one for one in pool.excluded}
    assert line in out[chosen.agency.id].assessment.lines


@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 9), st.integers(0, 12))
def test_any_public_money_calls_for_the_higher_number(share: int, state: int, social: int, count: int) -> None:
    needed = minimum(share, state_funds=state, social_funds=social)
    assert needed == (state if share else social)
    assert too_few(count, needed) is (count < needed)


def test_an_empty_pool_is_always_too_few() -> None:
    assert too_few(0, 0)
    assert too_few(0, 1)
    assert not too_few(1, 0)


def test_every_further_draw_has_its_own_purpose_and_its_own_reason() -> None:
    assert [purpose_of(no) for no in (1, 2, 3)] == ["award", "award-2", "award-3"]
    assert len({left_out_line(cause).message.text for cause in FURTHER}) == len(FURTHER)
    assert frozenset({Cause.PUBLISHED, Cause.WINDOW_RESTARTED}) == frozenset(Cause) - FURTHER


def test_an_equal_moment_is_decided_by_code_not_by_luck() -> None:
    first, second = agency(1), replace(agency(2), branch_of=agency(1).code)
    both = [Candidate(one, START, Assessment(True, (FINE,))) for one in (second, first)]
    assert [one.agency.code for one in build_pool(both, branches_as_one=True).entrants] == [first.code]
