"""Bids lie close together and the winner stands apart from them: both at once. Pure."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens import measures
from ratings.flags.screens.interface import (
    Case,
    Figure,
    Lead,
    Numbers,
    Reads,
    Screen,
    decimal,
    each,
    percent,
    within,
)
from ratings.flags.screens.pricing import bidders, prices, rows

_OTHERS = (
    (N_("Gap between the two lowest (DIFFP)"), measures.difference, percent),
    (N_("Gap against the mean gap (RDNOR)"), measures.normalised_distance, decimal),
    (N_("Gap against the mean gap of the losers (RDALT)"), measures.alternative_distance, decimal),
    (N_("Skewness (SKEW)"), measures.skewness, decimal),
    (N_("Kurtosis (KURT)"), measures.kurtosis, decimal),
    (N_("Distance from an even spread (KS)"), measures.uniformity, decimal),
)


def _find(case: Case, numbers: Numbers) -> Lead | None:
    values = prices(case)
    # Elsewhere the lowest need not win, or bidders aim at a common price: standing apart tells nothing.
    if case.method != "lowest_price" or len(values) < max(numbers["screen.bids_min"], 3):
        return None
    variation, distance = measures.variation(values), measures.relative_distance(values)
    least, most = numbers["screen.relative_distance_above"] * 100, numbers["screen.variation_below"]
    if variation is None or distance is None or variation > most or distance <= least:
        return None
    figures = (
        Figure(N_("Coefficient of variation (CV)"), percent(variation), f"≤ {percent(most)}"),
        Figure(N_("Distance of the winner against the losers' spread (RD)"), decimal(distance), f"> {decimal(least)}"),
        *(Figure(label, show(value)) for label, measure, show in _OTHERS if (value := measure(values)) is not None),
    )
    text = Message(
        N_("The {count} bids for {project} lie close together, and the lowest stands apart from the others."),
        {"count": len(values), "project": case.title},
    )
    score = within(5_000 + (most - variation) * 5_000 // max(most, 1))
    return Lead(case.number, text, score, bidders(case), (case.number,), case.result_evidence, figures, rows(case))


SCREEN = Screen(
    code="spread_and_distance", version=1, title=N_("Bids close together, winner apart"), reads=Reads.RESULT,
    basis=N_("Research on bid-rigging (Imhof, Karagök and Rutz 2018): two measures that must fire together"),
    reckoning=N_("The standard deviation of all bids is small against their mean, while the gap between the two lowest is large against the standard deviation of the losing bids."),
    rules=("screen.bids_min", "screen.variation_below", "screen.relative_distance_above"), find=each(_find),
)  # fmt: skip
