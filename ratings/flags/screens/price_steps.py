"""Bids that follow each other in equal steps, by amount or by ratio. Pure."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import BIDS, RESULT_ACTS, Case, Figure, Lead, Numbers, Reads, Screen, each, percent
from ratings.flags.screens.pricing import about_all, sealed_prices, yuan


def equal_step(values: list[int]) -> int | None:
    """The amount by which each differs from the one before, where it is always the same and not nothing."""
    gaps = {high - low for low, high in pairwise(values)}
    return gaps.pop() if len(gaps) == 1 and 0 not in gaps else None


def equal_ratio(values: list[int]) -> int | None:
    """The ratio of neighbours in basis points above one, where it is always the same to the fen and not nothing."""
    if values[0] <= 0 or values[0] == values[1]:
        return None
    for first, middle, last in zip(values, values[1:], values[2:], strict=False):
        # A price in whole fen may lie half a fen from the exact one: middle² = first · last up to that.
        if abs(middle * middle - first * last) > middle + last:
            return None
    return (values[1] - values[0]) * 10_000 // values[0]


def _find(case: Case, numbers: Numbers) -> Lead | None:
    least = max(numbers["screen.steps_bids_min"], 3)
    if not (values := sealed_prices(case, least)):
        return None
    if (step := equal_step(values)) is not None:
        said = N_("The {count} bids for {project} differ by the same amount each: {step}.")
        shown, figure = yuan(step), Figure(N_("Step between neighbours"), yuan(step))
    elif (ratio := equal_ratio(values)) is not None:
        said = N_("The {count} bids for {project} differ by the same ratio each: {step}.")
        shown, figure = percent(ratio), Figure(N_("Ratio between neighbours"), percent(ratio))
    else:
        return None
    text = Message(said, {"count": len(values), "project": case.title, "step": shown})
    figures = (Figure(N_("Valid bids"), str(len(values)), f"≥ {least}", unit=BIDS), figure)
    return about_all(case, text, 7_000 + 500 * (len(values) - least), figures)


SCREEN = Screen(
    code="price_steps", version=1, title=N_("Regular price steps"), reads=Reads.RESULT,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 40: bids abnormally alike or in regular steps"),
    reckoning=N_("In order of price every bid exceeds the one before by exactly the same amount, or by the same ratio to the fen."),
    inputs=N_("The valid sealed bids of one published result"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.steps_bids_min",), find=each(_find),
)  # fmt: skip
