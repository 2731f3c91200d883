"""Money is integer fen, CNY only; no float ever touches it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

BASIS_POINTS = 10_000
_YUAN = re.compile(r"\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.([0-9]{1,2}))?\s*")


def divide_half_up(numerator: int, denominator: int) -> int:
    """The one rounding of the market: half up, for a non-negative numerator and a positive denominator."""
    if numerator < 0 or denominator <= 0:
        raise ValueError("divide_half_up takes a non-negative numerator and a positive denominator")
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, order=True)
class Money:
    """An amount in fen (1 yuan = 100 fen); may be negative only as a difference."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError("money is integer fen")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads yuan as people write them: "12300", "12,300.5". Raises ValueError on anything else."""
        match = _YUAN.fullmatch(text)
        if match is None or not text.isascii():
            raise ValueError("not an amount in yuan")
        yuan, cents = match.group(1).replace(",", ""), (match.group(2) or "").ljust(2, "0")
        return cls(int(yuan) * 100 + int(cents))

    @property
    def yuan_text(self) -> str:
        """Plain yuan for forms and exports: "12300.50"."""
        sign, fen = ("-", -self.fen) if self.fen < 0 else ("", self.fen)
        return f"{sign}{fen // 100}.{fen % 100:02d}"

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def share(self, basis_points: int) -> Money:
        """The given share (10,000 = all of it), rounded half up to the fen."""
        return Money(divide_half_up(self.fen * basis_points, BASIS_POINTS))


def ratio_in_basis_points(part: Money, whole: Money) -> int | None:
    """part ÷ whole in basis points, half up; None where the whole is nothing."""
    if whole.fen <= 0 or part.fen < 0:
        return None
    return divide_half_up(part.fen * BASIS_POINTS, whole.fen)
