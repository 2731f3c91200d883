"""What the notice fixes before anybody enters: the terms under which a method decides. Pure data, checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from market.catalogue.rules import Rulebook
from market.kernel.money import BASIS_POINTS, divide_half_up

FEN_DECIMALS: Final = 2
MOST_FEN: Final = 10**15


class TermsInvalid(ValueError):
    """A notice that no method could decide by."""


class Quote(StrEnum):
    """What a bidder states: a price, or how much he takes off the ceiling (下浮率)."""

    PRICE = "price"
    DISCOUNT = "discount"


@dataclass(frozen=True)
class Limits:
    """Bids outside are invalid. Prices in fen; discounts in basis points, taken off the ceiling."""

    ceiling_fen: int
    floor_fen: int = 0
    smallest_discount: int = 0
    largest_discount: int = BASIS_POINTS - 1

    def __post_init__(self) -> None:
        if not 0 <= self.floor_fen <= self.ceiling_fen <= MOST_FEN or self.ceiling_fen == 0:
            raise TermsInvalid("the floor lies between nothing and the ceiling")
        if not 0 <= self.smallest_discount <= self.largest_discount < BASIS_POINTS:
            raise TermsInvalid("discounts lie between nothing and less than the whole")

    def price_after(self, discount: int) -> int:
        """The price in fen that a discount in basis points leaves, half up."""
        return divide_half_up(self.ceiling_fen * (BASIS_POINTS - discount), BASIS_POINTS)


@dataclass(frozen=True)
class Numbers:
    """The rulebook's numbers for deciding by price. Shares in basis points; counts of bids.

    From `drop_from` bids on, the `drop_highest` and `drop_lowest` are left out of the best-price mean; `decimals` are
    those of the reference price in yuan; `keep` is how many lowest bids enter the draw of a shortlist.
    """

    base_shares: tuple[int, ...]
    drop_highest: int
    drop_lowest: int
    drop_from: int
    decimals: int
    keep: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_shares", tuple(self.base_shares))
        if not self.base_shares or len(set(self.base_shares)) != len(self.base_shares) or min(self.base_shares) < 1:
            raise TermsInvalid("base shares are positive and each is named once")
        if min(self.drop_highest, self.drop_lowest) < 0 or self.drop_from <= self.drop_highest + self.drop_lowest:
            raise TermsInvalid("where bids are left out, at least one must remain")
        if not 0 <= self.decimals <= FEN_DECIMALS or self.keep < 1:
            raise TermsInvalid("a reference price has 0 to 2 decimals, and a shortlist at least one place")

    @property
    def unit_fen(self) -> int:
        """The smallest step of a reference price."""
        return int(10 ** (FEN_DECIMALS - self.decimals))


def numbers_of(book: Rulebook) -> Numbers:
    """The numbers of the rulebook under which the project was posted."""
    return Numbers(
        base_shares=book.shares("selection.best_price.base_shares"),
        drop_highest=book.integer("selection.best_price.drop_highest"),
        drop_lowest=book.integer("selection.best_price.drop_lowest"),
        drop_from=book.integer("selection.best_price.drop_from"),
        decimals=book.integer("selection.best_price.decimals"),
        keep=book.integer("selection.shortlist_draw.keep"),
    )


@dataclass(frozen=True)
class Terms:
    """One selection as announced. `chain` and `round` name the beacon round whose randomness decides every lot;
    `minimum` is the fewest valid entries; `no` counts the project's selection rounds.

    A fixed price (`price_fen`) belongs to methods without bids, `limits` to those with bids.
    """

    project: str
    chain: str
    round: int
    minimum: int
    numbers: Numbers
    price_fen: int | None = None
    limits: Limits | None = None
    quote: Quote = Quote.PRICE
    no: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "quote", Quote(self.quote))
        if self.minimum < 0 or self.no < 1:
            raise TermsInvalid("the fewest entries and the number of the round are counts")
        if self.price_fen is not None and not 0 < self.price_fen <= MOST_FEN:
            raise TermsInvalid("a fixed price is an amount")

    @property
    def bounds(self) -> Limits:
        """The limits, for methods that need them."""
        if self.limits is None:
            raise TermsInvalid("the notice states no ceiling")
        return self.limits

    @property
    def needed(self) -> int:
        """Nobody can win where nobody entered, whatever number the rulebook asks for."""
        return max(self.minimum, 1)


@dataclass(frozen=True)
class Entry:
    """What one agency handed in, once opened. `quoted`: fen or basis points as the notice asks, None without a bid."""

    code: str
    quoted: int | None = None
    tickets: int = 1


def terms_from(members: dict[str, Any]) -> Terms:
    """Terms from their plain data, as a record publishes them (`dataclasses.asdict`)."""
    numbers, limits = Numbers(**members["numbers"]), members["limits"]
    return Terms(**{**members, "numbers": numbers, "limits": Limits(**limits) if limits else None})
