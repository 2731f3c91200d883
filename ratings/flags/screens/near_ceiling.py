"""Every bid just under the ceiling: nobody competes. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    RESULT_ACTS,
    WHOLE,
    Case,
    Figure,
    Lead,
    Numbers,
    Reads,
    Screen,
    each,
    percent,
)
from ratings.flags.screens.pricing import about_all, sealed_prices


def _find(case: Case, numbers: Numbers) -> Lead | None:
    values, least = sealed_prices(case, max(numbers["screen.bids_min"], 1)), numbers["screen.ceiling_share"]
    if case.ceiling_fen is None or not values or values[0] * WHOLE < case.ceiling_fen * least:
        return None
    share = values[0] * WHOLE // case.ceiling_fen
    figures = (Figure(N_("Lowest bid against the ceiling"), percent(share), f"≥ {percent(least)}"),)
    text = Message(
        N_("All {count} bids for {project} are {share} of the ceiling or more."),
        {"count": len(values), "project": case.title, "share": percent(share)},
    )
    return about_all(case, text, 4_000 + (share - least) * 6_000 // max(WHOLE - least, 1), figures)


SCREEN = Screen(
    code="near_ceiling", version=1, title=N_("All bids just under the ceiling"), reads=Reads.RESULT,
    basis=N_("Proposed by this platform: competition of several bidders ought to leave the ceiling behind"),
    reckoning=N_("Even the lowest of at least as many bids as the rulebook asks for reaches its share of the ceiling."),
    inputs=N_("The valid sealed bids of one published result, and the ceiling of its notice"), acts=RESULT_ACTS,
    since=date(2026, 11, 22),
    rules=("screen.bids_min", "screen.ceiling_share"), find=each(_find),
)  # fmt: skip
