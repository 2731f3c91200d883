"""What the rules allow after a failed selection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from projects.failed.rules import Limits, Situation, Way, check_pick, ways

LIMITS = Limits(direct_after=2, most_reposts=2)
situations = st.builds(
    Situation, failures=st.integers(1, 5), reposts=st.integers(0, 5), candidates=st.integers(0, 3),
    state_funds=st.booleans(), followed=st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("failures", "reposts", "candidates", "state_funds", "expected"),
    [
        (1, 0, 2, True, {Way.REPOST}),
        (2, 1, 2, True, {Way.REPOST, Way.PICK, Way.CHOOSE}),
        (2, 1, 0, True, {Way.REPOST, Way.PICK}),
        (3, 2, 1, True, {Way.PICK, Way.CHOOSE}),
        (1, 2, 0, True, set()),
        (1, 0, 0, False, {Way.REPOST, Way.PICK}),
    ],
)
def test_first_post_again_then_choose(
    failures: int, reposts: int, candidates: int, state_funds: bool, expected: set[Way]
) -> None:
    assert ways(Situation(failures, reposts, candidates, state_funds, False), LIMITS) == expected


@given(situations)
def test_nothing_follows_twice(situation: Situation) -> None:
    assert not situation.followed or ways(situation, LIMITS) == frozenset()


@given(situations)
def test_public_money_is_never_given_away_after_one_failure(situation: Situation) -> None:
    if situation.state_funds and situation.failures < LIMITS.direct_after:
        assert Way.PICK not in ways(situation, LIMITS)


@given(situations)
def test_whoever_may_not_is_told_why(situation: Situation) -> None:
    if Way.PICK in ways(situation, LIMITS):
        check_pick(situation, LIMITS)
        return
    with pytest.raises(Refusal) as why:
        check_pick(situation, LIMITS)
    assert why.value.code == ("failed.followed" if situation.followed else "failed.too_early")
