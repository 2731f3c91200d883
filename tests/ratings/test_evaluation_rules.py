from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from ratings.evaluations.rules import (
    RATE_AGENCIES,
    Shares,
    Side,
    Window,
    check_may_rate,
    combined,
    is_low,
    nearest_star,
    needs_reasons,
    overall,
    summarise,
)

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(days=14), None)
MARKS = st.fixed_dictionaries({name: st.integers(1, 5) for name in ("a", "b", "c", "d", "e")})


def test_the_mean_of_ten_thirds_is_rounded_half_up_and_never_fails() -> None:
    assert overall({"a": 3, "b": 3, "c": 4}) == 333
    assert overall({"a": 5, "b": 5, "c": 4}) == 467
    assert overall({"a": 1, "b": 2, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1}) == 113  # 1.125


@given(MARKS)
def test_the_mean_lies_between_the_lowest_and_the_highest_mark(marks: dict[str, int]) -> None:
    assert min(marks.values()) * 100 <= overall(marks) <= max(marks.values()) * 100
    assert (overall(marks) == 500) == (set(marks.values()) == {5})
    assert needs_reasons(marks, low_stars=2) or not is_low(overall(marks), low_stars=2)


def test_low_means_the_mean_and_reasons_follow_any_mark() -> None:
    assert needs_reasons({"a": 5, "b": 2}, low_stars=2)
    assert not needs_reasons({"a": 3, "b": 3}, low_stars=2)
    assert is_low(200, low_stars=2)
    assert not is_low(201, low_stars=2)


SHARES: Shares = {"owner": 5000, "regulator": 3000, "operator": 2000}
SAID = st.dictionaries(st.sampled_from(RATE_AGENCIES), MARKS, min_size=1)


def test_three_who_rate_weigh_five_three_two() -> None:
    """(5 x 4.00 + 3 x 2.00 + 2 x 5.00) / 10 = 3.60; without the regulator (5 x 4.00 + 2 x 5.00) / 7 = 4.29."""
    assert combined({"owner": 400, "regulator": 200, "operator": 500}, SHARES) == 360
    assert combined({"owner": 400, "operator": 500}, SHARES) == 429
    assert combined({"regulator": 200}, SHARES) == 200


@given(SAID)
def test_all_together_lies_between_those_who_rated(job: dict[Side, dict[str, int]]) -> None:
    values = [overall(marks) for marks in job.values()]
    found = summarise([job], SHARES, prior=300, prior_weight=0)
    assert found.count == 1
    assert min(values) <= found.weighted <= max(values)
    for name, value in found.dimensions.items():
        given_marks = [marks[name] * 100 for marks in job.values() if name in marks]
        assert min(given_marks) <= value <= max(given_marks)


@given(st.lists(MARKS, max_size=30), st.integers(100, 500), st.integers(0, 20))
def test_few_ratings_are_drawn_to_the_prior_and_many_speak_for_themselves(
    ratings: list[dict[str, int]], prior: int, weight: int
) -> None:
    found = summarise([{"owner": one} for one in ratings], SHARES, prior=prior, prior_weight=weight)
    if found.mean is None:
        assert found.weighted == prior
        return
    assert min(found.mean, prior) - 1 <= found.weighted <= max(found.mean, prior) + 1
    assert sum(found.stars.values()) == found.count == len(ratings)
    heavier = summarise([{"owner": one} for one in ratings * 3], SHARES, prior=prior, prior_weight=weight)
    assert abs(heavier.weighted - found.mean) <= abs(found.weighted - found.mean) + 1


def test_the_bayesian_mean_by_hand() -> None:
    """One rating of 5.00 against a prior of 3.80 with the weight of five: (5.00 + 5 x 3.80) / 6 = 4.00."""
    assert summarise([{"owner": {"a": 5}}], SHARES, prior=380, prior_weight=5).weighted == 400
    found = summarise([{"owner": {"a": mark}} for mark in (5, 4, 2)], SHARES, prior=300, prior_weight=5)
    assert (found.mean, found.weighted, found.spread) == (367, 325, 124)
    assert dict(found.stars) == {5: 1, 4: 1, 3: 0, 2: 1, 1: 0}
    assert found.dimensions == {"a": 367}


def test_a_single_rating_has_no_spread() -> None:
    assert summarise([{"owner": {"a": 3}}], SHARES, prior=300, prior_weight=5).spread is None


def test_stars_are_rounded_half_up() -> None:
    assert [nearest_star(value) for value in (100, 149, 150, 449, 450, 500)] == [1, 1, 2, 4, 5, 5]


def test_the_window_is_half_open() -> None:
    check_may_rate(WINDOW, "owner", WINDOW.due_at - timedelta(microseconds=1))
    with pytest.raises(Refusal, match=r"rating\.over"):
        check_may_rate(WINDOW, "owner", WINDOW.due_at)
    with pytest.raises(Refusal, match=r"rating\.over"):
        check_may_rate(Window(NOW, WINDOW.due_at, NOW), "owner", NOW)
