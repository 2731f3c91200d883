"""Highest and lowest bid hardly differ. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens import measures
from ratings.flags.screens.interface import RESULT_ACTS, Case, Figure, Lead, Numbers, Reads, Screen, each, percent
from ratings.flags.screens.pricing import about_all, sealed_prices


def _find(case: Case, numbers: Numbers) -> Lead | None:
    values, most = sealed_prices(case, max(numbers["screen.bids_min"], 2)), numbers["screen.spread_below"]
    spread = measures.spread(values) if values else None
    if spread is None or spread >= most:
        return None
    figures = (Figure(N_("Highest over lowest bid (SPD)"), percent(spread), f"< {percent(most)}"),)
    text = Message(
        N_("All {count} bids for {project} lie within {spread} of each other."),
        {"count": len(values), "project": case.title, "spread": percent(spread)},
    )
    return about_all(case, text, 5_000 + (most - spread) * 5_000 // max(most, 1), figures)


SCREEN = Screen(
    code="narrow_spread", version=1, title=N_("Bids nearly the same"), reads=Reads.RESULT,
    basis=N_("Research on bid-rigging (Imhof and others); Implementing Regulation of the Tendering Law, Art. 40"),
    reckoning=N_("The highest bid exceeds the lowest by less than the share in the rulebook. Equal prices of different bidders count as a spread of nothing."),
    inputs=N_("The valid sealed bids of one published result"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.bids_min", "screen.spread_below"), find=each(_find),
)  # fmt: skip
