"""Bids lie close together and the winner stands apart from them: both at once, and most other measures with them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens import measures
from ratings.flags.screens.interface import (
    MEASURES,
    MULTIPLE,
    RESULT_ACTS,
    Case,
    Figure,
    Lead,
    Numbers,
    Reads,
    Screen,
    decimal,
    each,
    percent,
)
from ratings.flags.screens.pricing import about_all, prices


@dataclass(frozen=True)
class _Measure:
    """`limit`: from the rulebook, in the measure's ten-thousandths; `high`: whether colluding bids lie above it;
    `turned`: reckoned with the sign turned, and shown with its own; `shown_in`: the unit beside what `show` writes."""

    label: str
    of: Callable[[Sequence[int]], int | None]
    key: str
    unit: int  # ten-thousandths in one unit of the rulebook's number
    show: Callable[[int], str]
    high: bool = True
    turned: bool = False
    shown_in: str = ""

    def limit(self, numbers: Numbers) -> int:
        return numbers[self.key] * self.unit

    def fires(self, value: int, numbers: Numbers) -> bool:
        return value > self.limit(numbers) if self.high else value <= self.limit(numbers)

    def figure(self, value: int, numbers: Numbers) -> Figure:
        beyond = ("<" if self.turned else ">") if self.high else "≤"
        return Figure(self.label, self._told(value), f"{beyond} {self._told(self.limit(numbers))}", self.shown_in)

    def _told(self, value: int) -> str:
        return self.show(-value if self.turned else value)


def _asymmetry(values: Sequence[int]) -> int | None:
    """Skewness with its sign turned, so that bids bunched above the winner give a positive number."""
    skew = measures.skewness(values)
    return None if skew is None else -skew


_BOTH = (
    _Measure(N_("Coefficient of variation (CV)"), measures.variation, "screen.variation_below", 1, percent, high=False),
    _Measure(N_("Distance of the winner against the losers' spread (RD)"), measures.relative_distance, "screen.relative_distance_above", 100, decimal, shown_in=MULTIPLE),
)  # fmt: skip
_FURTHER = (
    _Measure(N_("Gap between the two lowest (DIFFP)"), measures.difference, "screen.difference_above", 1, percent),
    _Measure(N_("Gap against the mean gap (RDNOR)"), measures.normalised_distance, "screen.normalised_distance_above", 100, decimal, shown_in=MULTIPLE),
    _Measure(N_("Gap against the mean gap of the losers (RDALT)"), measures.alternative_distance, "screen.alternative_distance_above", 100, decimal, shown_in=MULTIPLE),
    _Measure(N_("Skewness (SKEW)"), _asymmetry, "screen.skewness_below", 100, decimal, turned=True),
    _Measure(N_("Kurtosis (KURT)"), measures.kurtosis, "screen.kurtosis_above", 100, decimal),
    _Measure(N_("Distance from an even spread (KS)"), measures.uniformity, "screen.uniformity_above", 1, percent),
)  # fmt: skip
_LEAST = "screen.measures_min"


def _find(case: Case, numbers: Numbers) -> Lead | None:
    values = prices(case)
    # Elsewhere the lowest need not win, or bidders aim at a common price: standing apart tells nothing.
    if case.method != "lowest_price" or len(values) < max(numbers["screen.bids_min"], 3):
        return None
    # Hardly any result fires on both: the others are reckoned only where it does.
    if not all((value := one.of(values)) is not None and one.fires(value, numbers) for one in _BOTH):
        return None
    found = [(one, value) for one in (*_BOTH, *_FURTHER) if (value := one.of(values)) is not None]
    firing = [one for one, value in found if one.fires(value, numbers)]
    if len(firing) < numbers[_LEAST]:
        return None
    figures = (
        *(one.figure(value, numbers) for one, value in found),
        Figure(
            N_("Measures beyond their limits"), f"{len(firing)} / {len(found)}", f"≥ {numbers[_LEAST]}", unit=MEASURES
        ),
    )
    text = Message(
        N_("The {count} bids for {project} lie close together, and the lowest stands apart from the others."),
        {"count": len(values), "project": case.title},
    )
    most, variation = _BOTH[0].limit(numbers), measures.variation(values) or 0
    return about_all(case, text, 5_000 + (most - variation) * 5_000 // max(most, 1), figures)


SCREEN = Screen(
    code="spread_and_distance", version=2, title=N_("Bids close together, winner apart"), reads=Reads.RESULT,
    basis=N_("Research on bid-rigging (Imhof, Karagök and Rutz 2018; Huber and Imhof 2019; Wallimann, Imhof and Huber 2022): measures that must fire together"),
    reckoning=N_("The standard deviation of all bids is small against their mean, the gap between the two lowest is large against the standard deviation of the losing bids, and so many of the eight measures in all lie beyond their limits as the rulebook asks for. Kurtosis takes four bids, the others three."),
    inputs=N_("The valid sealed bids of one published result, where the lowest price wins"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.bids_min", _LEAST, *(one.key for one in (*_BOTH, *_FURTHER))), find=each(_find),
)  # fmt: skip
