"""What screens share: which results they take, and bids as rows of evidence. Pure."""

from __future__ import annotations

from ratings.flags.screens.interface import Case

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


def bidders(case: Case) -> tuple[str, ...]:
    return tuple(bid.code for bid in case.ordered)


def yuan(fen: int) -> str:
    """As on pages: ¥12,300.00."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
