"""Measures of how bids lie, in ten-thousandths, each rounded once from its exact value. Pure.

From the literature on bid-rigging screens (Imhof; Huber and Imhof; Wallimann, Imhof and Huber); s is the sample
standard deviation. None where a measure is not defined: too few bids, or all alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from ratings.flags.screens.interface import WHOLE


def mean(values: Sequence[int]) -> Fraction:
    return Fraction(sum(values), len(values))


def variance(values: Sequence[int]) -> Fraction:
    """Of a sample: divided by one less than there are."""
    count = len(values)
    return Fraction(count * sum(value * value for value in values) - sum(values) ** 2, count * (count - 1))


def scaled(value: Fraction) -> int:
    """Half away from zero."""
    size = (2 * abs(value) * WHOLE + 1) // 2
    return int(size if value >= 0 else -size)


def root(square: Fraction) -> int:
    """The square root of a number that is not negative, nearest."""
    # With two more digits than are shown, rounding twice differs only at exact halves.
    return (isqrt(int(square * (WHOLE * 100) ** 2)) + 50) // 100


def variation(values: Sequence[int]) -> int | None:
    """CV = s / mean."""
    if len(values) < 2 or not sum(values):
        return None
    return root(variance(values) / mean(values) ** 2)


def spread(values: Sequence[int]) -> int | None:
    """SPD = (highest - lowest) / lowest."""
    low = min(values)
    return scaled(Fraction(max(values) - low, low)) if low > 0 and len(values) > 1 else None


def difference(values: Sequence[int]) -> int | None:
    """DIFFP = (second - lowest) / lowest."""
    ordered = sorted(values)
    return scaled(Fraction(ordered[1] - ordered[0], ordered[0])) if len(ordered) > 1 and ordered[0] > 0 else None


def relative_distance(values: Sequence[int]) -> int | None:
    """RD = (second - lowest) / s of the losing bids."""
    ordered = sorted(values)
    if len(ordered) < 3 or not (losers := variance(ordered[1:])):
        return None
    return root(Fraction((ordered[1] - ordered[0]) ** 2) / losers)


def normalised_distance(values: Sequence[int]) -> int | None:
    """RDNOR = (second - lowest) / mean of all gaps between neighbours."""
    ordered = sorted(values)
    if len(ordered) < 3 or ordered[0] == ordered[-1]:
        return None
    return scaled(Fraction((ordered[1] - ordered[0]) * (len(ordered) - 1), ordered[-1] - ordered[0]))


def alternative_distance(values: Sequence[int]) -> int | None:
    """RDALT = (second - lowest) / mean of the gaps among the losing bids."""
    ordered = sorted(values)
    if len(ordered) < 3 or ordered[1] == ordered[-1]:
        return None
    return scaled(Fraction((ordered[1] - ordered[0]) * (len(ordered) - 2), ordered[-1] - ordered[1]))


def skewness(values: Sequence[int]) -> int | None:
    """SKEW = n / ((n-1)(n-2)) * sum of ((b - mean) / s) cubed."""
    count = len(values)
    if count < 3 or not (square := variance(values)):
        return None
    cubes = sum(((value - mean(values)) ** 3 for value in values), Fraction(0))
    above = Fraction(count, (count - 1) * (count - 2)) * cubes
    size = root(above**2 / square**3)
    return size if above >= 0 else -size


def kurtosis(values: Sequence[int]) -> int | None:
    """KURT = n(n+1) / ((n-1)(n-2)(n-3)) * sum of ((b - mean) / s)^4 - 3(n-1)^2 / ((n-2)(n-3))."""
    n = len(values)
    if n < 4 or not (square := variance(values)):
        return None
    fourth = sum(((value - mean(values)) ** 4 for value in values), Fraction(0)) / square**2
    rest = Fraction(3 * (n - 1) ** 2, (n - 2) * (n - 3))
    return scaled(Fraction(n * (n + 1), (n - 1) * (n - 2) * (n - 3)) * fourth - rest)


def uniformity(values: Sequence[int]) -> int | None:
    """KS distance of (b - lowest) / (highest - lowest) from the uniform distribution on 0 to 1."""
    low, high, count = min(values), max(values), len(values)
    if low == high:
        return None
    places = [Fraction(value - low, high - low) for value in sorted(values)]
    above = max(Fraction(rank, count) - place for rank, place in enumerate(places, 1))
    below = max(place - Fraction(rank, count) for rank, place in enumerate(places))
    return scaled(max(above, below))
