from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.money import Money, divide_half_up, ratio_in_basis_points

amounts = st.integers(0, 10**15 - 1).map(Money)


@given(amounts)
def test_what_is_shown_is_read_back(amount: Money) -> None:
    assert Money.parse(amount.yuan_text) == amount


@pytest.mark.parametrize(
    "text", ["", "-1", "1e5", "NaN", "1,23", "1.234", "１２", "0x10", "1 000", "12,3456", "1_000", ".5"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(text)


def test_thousands_and_short_fractions_are_understood() -> None:
    assert Money.parse(" 12,300.5 ") == Money(1_230_050)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_rounding_is_half_up(numerator: int, denominator: int) -> None:
    rounded = divide_half_up(numerator, denominator)
    assert rounded * 2 * denominator - denominator <= 2 * numerator < rounded * 2 * denominator + denominator


def test_published_saving_rates() -> None:
    """Qingdao 2017: 185.6 of 435.7 (in 10,000 yuan) is 42.6 %; Weifang 2017: 14.00 of 105.25 (in 100 million) is 13.30 %."""
    assert ratio_in_basis_points(Money(185_600_000), Money(435_680_000)) == 4260
    assert ratio_in_basis_points(Money(140_000_000_000), Money(1_052_500_000_000)) == 1330


def test_nothing_to_divide_by_is_no_ratio() -> None:
    assert ratio_in_basis_points(Money(1), Money(0)) is None


def test_floats_are_no_money() -> None:
    with pytest.raises(TypeError):
        Money(1.0)  # type: ignore[arg-type]
