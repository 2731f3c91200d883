"""How much a share of few cases is worth."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_Z: Final = Decimal("1.96")  # 95 %
BASIS_POINTS: Final = 10_000


def wilson_bound(good: int, of: int) -> int:
    """The lower bound of Wilson's interval (1927) for a share of `good` in `of` cases, in basis points, half up: what the
    true share is at least, as far as so many cases can tell. Nothing follows from no case."""
    if of == 0:
        return 0
    square, count, hits = _Z * _Z, Decimal(of), Decimal(good)
    spread = _Z * (square + 4 * hits * (count - hits) / count).sqrt()
    bound = (2 * hits + square - spread) / (2 * (count + square))
    return max(0, int((bound * BASIS_POINTS).quantize(Decimal(1), ROUND_HALF_UP)))
