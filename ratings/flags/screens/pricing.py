"""What screens share: which results they take, bids as rows of evidence, and leads about all who bid. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from market.kernel.errors import Message
from ratings.flags.screens.interface import Case, Figure, Lead, within

# Who bids live sees the others' prices, so that bids close to each other are what is wanted.
_SEEN = frozenset({"multi_round"})


def sealed(case: Case) -> bool:
    """Nobody knew the prices of the others."""
    return case.method not in _SEEN


def is_draw(case: Case) -> bool:
    """Somebody was drawn among several."""
    return case.method == "draw" and bool(case.winner) and len(case.pool) > 1


def prices(case: Case) -> list[int]:
    return [bid.price_fen for bid in case.ordered]


def rows(case: Case) -> tuple[tuple[str, str], ...]:
    """Who bid how much, cheapest first."""
    return tuple((case.name_of(bid.code), yuan(bid.price_fen)) for bid in case.ordered)


def sealed_prices(case: Case, least: int) -> list[int]:
    """What was bid while nobody knew the others' prices, cheapest first; nothing where fewer than `least` bids count."""
    values = prices(case) if sealed(case) else []
    return values if len(values) >= least else []


def about_all(case: Case, text: Message, score: int, figures: Sequence[Figure]) -> Lead:
    """A lead about everybody who bid in one result, which rests on its acts and shows all bids."""
    codes = tuple(bid.code for bid in case.ordered)
    return Lead(
        case.number, text, within(score), codes, (case.number,), case.result_evidence, tuple(figures), rows(case)
    )


def who_won(cases: Sequence[Case]) -> tuple[tuple[str, str], ...]:
    """Which project went to whom."""
    return tuple((case.title, case.name_of(case.winner)) for case in cases if case.winner)


def yuan(fen: int) -> str:
    """As on pages: ¥12,300.00."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
