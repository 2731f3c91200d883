"""Avoidance, the size of a panel, bands and deviations: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from projects.experts.rules import (
    Band,
    Candidate,
    Given,
    Limits,
    Mark,
    Party,
    check_signable,
    deviations,
    obstacles,
    panel_size,
)

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
OWNER = Party("O1", "某局", "李建国", ("O0",))
BIDDER = Party("B1", "甲公司", "韩立群", ("B0",))
LIMITS = Limits(draws_max=4, consecutive_max=2, avoid_same_county=True, owner_county="370203")
EXPERT = Candidate(
    "EX-000001", "评审一", "某大学", "U1", employer_heads=(), employer_representative="", region_code="370212",
    conflicts=frozenset(),
)  # fmt: skip


def why(**changes: object) -> list[str]:
    expert = replace(EXPERT, **changes)  # type: ignore[arg-type]
    return [one.text for one in obstacles(expert, OWNER, [BIDDER], LIMITS, NOW)]


def test_a_stranger_is_a_candidate() -> None:
    assert why() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"employer_code": "B1"}, {"employer_code": "O1"}, {"employer_code": "B0"}, {"employer_heads": ("B1",)},
        {"employer_heads": ("B0",)}, {"employer_name": "甲公司"}, {"conflicts": frozenset({"B1"})}, {"conflicts": frozenset({"O0"})},
        {"name": "韩立群"}, {"employer_representative": "李建国"}, {"region_code": "370203"},
        {"suspended_until": NOW + timedelta(seconds=1)}, {"draws": 4}, {"row": 2},
    ],
)  # fmt: skip
def test_each_reason_stands_alone(changes: dict[str, object]) -> None:
    assert len(why(**changes)) == 1


@pytest.mark.parametrize("changes", [
    {"suspended_until": NOW}, {"draws": 3}, {"row": 1}, {"employer_code": None}, {"employer_representative": ""},
    {"region_code": "370202"},
])  # fmt: skip
def test_what_is_not_yet_a_reason(changes: dict[str, object]) -> None:
    assert why(**changes) == []


def test_every_reason_is_told() -> None:
    assert len(why(employer_code="B1", conflicts=frozenset({"O1"}), draws=9, row=3, region_code="370203")) == 5


@pytest.mark.parametrize(("amount", "expected"), [(1, 3), (50_000_000, 3), (50_000_001, 5)])
def test_the_size_of_a_panel(amount: int, expected: int) -> None:
    assert panel_size(amount, smallest=3, large=5, large_above_fen=50_000_000) == expected


def test_an_even_number_of_the_rulebook_becomes_odd() -> None:
    assert panel_size(1, smallest=4, large=6, large_above_fen=10) == 5


@pytest.mark.parametrize(("mark", "needs"), [(59, True), (60, False), (90, False), (91, True), (0, True), (100, True)])
def test_the_band_includes_its_ends(mark: int, needs: bool) -> None:
    assert Band(60, 90).needs_reason(mark) is needs


def test_a_sheet_is_signable_whole_and_with_reasons() -> None:
    whole = [Mark("a", 1, 80), Mark("a", 2, 95, "突出")]
    check_signable(whole, agencies=["a"], criteria=2, band=Band(60, 90))
    for marks in (whole[:1], [whole[0], Mark("a", 2, None)], [whole[0], Mark("a", 2, 95, " ")]):
        with pytest.raises(Refusal):
            check_signable(marks, agencies=["a"], criteria=2, band=Band(60, 90))


def test_deviation_is_measured_from_the_median() -> None:
    marks = [Given(expert, "a", 1, mark) for expert, mark in (("x", 80), ("y", 82), ("z", 94))]
    marks += [Given(expert, "b", 1, 70) for expert in ("x", "y", "z")]
    # distances -2, 0, 12, 0, 0, 0; mean square 148 ÷ 6; 12 ÷ √24.67 = 2.416, 2 ÷ √24.67 = 0.402
    assert deviations(marks) == {
        ("x", "a", 1): -40, ("y", "a", 1): 0, ("z", "a", 1): 241, ("x", "b", 1): 0, ("y", "b", 1): 0, ("z", "b", 1): 0,
    }  # fmt: skip


def test_where_all_agree_nobody_deviates() -> None:
    assert set(deviations([Given(expert, "a", 1, 80) for expert in "xyz"]).values()) == {0}


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=8))
def test_deviations_do_not_depend_on_the_scale_of_disagreement(rows: list[tuple[int, int, int]]) -> None:
    marks = [
        Given(expert, str(place), 1, mark)
        for place, row in enumerate(rows)
        for expert, mark in zip("xyz", row, strict=True)
    ]
    found = deviations(marks)
    for one in marks:
        cell = sorted(other.mark for other in marks if other.agency == one.agency)
        away = found[one.expert, one.agency, 1]
        assert (away > 0) <= (one.mark > cell[1])
        assert (away < 0) <= (one.mark < cell[1])
