"""What the notice fixes before anybody enters: the terms under which a method decides. Pure data, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
class BiddingTerms:
    """Live bidding: so many rounds, back to back, of so many minutes each."""

    rounds: int
    minutes: int

    def __post_init__(self) -> None:
        if min(self.rounds, self.minutes) < 1:
            raise TermsInvalid("there is at least one round of bidding, and it lasts at least a minute")


@dataclass(frozen=True)
class MeritCriterion:
    """Something that experts mark from 0 to 100. `no` counts from 1 in the order of the notice; `weight` in basis
    points of the whole."""

    no: int
    name: str
    weight: int


@dataclass(frozen=True)
class MeritTerms:
    """How a merit selection weighs. The weights of criteria, price and credit are basis points and make 10,000.

    `credit_full` is the credit score that earns all credit points, `credit_neutral` stands in for an agency without a
    score; `panel_size` is the odd number of experts whose marks count.
    """

    criteria: tuple[MeritCriterion, ...]
    price_weight: int
    credit_weight: int
    credit_full: int
    credit_neutral: int
    panel_size: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "criteria", tuple(self.criteria))
        if not self.criteria or [one.no for one in self.criteria] != list(range(1, len(self.criteria) + 1)):
            raise TermsInvalid("criteria are numbered from 1 in the order of the notice")
        weights = [one.weight for one in self.criteria]
        if min(weights) < 1 or min(self.price_weight, self.credit_weight) < 0:
            raise TermsInvalid("no weight is negative, and every criterion weighs something")
        if sum(weights) + self.price_weight + self.credit_weight != BASIS_POINTS:
            raise TermsInvalid("the weights of criteria, price and credit make the whole")
        if not 0 <= self.credit_neutral <= self.credit_full or self.credit_full < 1:
            raise TermsInvalid("the neutral credit score lies between nothing and the full one")
        if self.panel_size < 1 or self.panel_size % 2 == 0:
            raise TermsInvalid("a panel has an odd number of experts")


def merit_terms_of(
    book: Rulebook, criteria: Iterable[tuple[str, int]], *, price_weight: int, credit_weight: int, panel_size: int
) -> MeritTerms:
    """From the notice and the rulebook under which it was posted; `criteria`: name and weight, in their order."""
    return MeritTerms(
        criteria=tuple(MeritCriterion(no, name, weight) for no, (name, weight) in enumerate(criteria, start=1)),
        price_weight=price_weight,
        credit_weight=credit_weight,
        credit_full=book.integer("selection.scored.credit_full"),
        credit_neutral=book.integer("selection.scored.credit_neutral"),
        panel_size=panel_size,
    )


@dataclass(frozen=True)
class Terms:
    """One selection as announced. `chain` and `round` name the beacon round whose randomness decides every lot;
    `minimum` is the fewest valid entries; `no` counts the project's selection rounds.

    A fixed price (`price_fen`) belongs to methods without bids, `limits` to those with bids, `bidding` to those with
    live rounds, `merit` to the one that weighs marks.
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
    bidding: BiddingTerms | None = None
    merit: MeritTerms | None = None

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
    """What one agency handed in, once opened. `quoted`: fen or basis points as the notice asks, None without a bid.

    For a merit selection: `marks` has a row for each expert, by expert code, and in it a mark from 0 to 100 for each
    criterion, in the order of the notice; `credit` is the agency's credit score, None without one.

    Where agencies bid live, `live` holds the best bid of each round in which this one bid, in the order of the rounds,
    and `reserve` what its sealed reserve price opened to; `quoted` is then None.
    """

    code: str
    quoted: int | None = None
    tickets: int = 1
    marks: tuple[tuple[int, ...], ...] = ()
    credit: int | None = None
    live: tuple[int, ...] = ()
    reserve: int | None = None

    def __post_init__(self) -> None:
        if self.marks:
            object.__setattr__(self, "marks", tuple(tuple(row) for row in self.marks))
        object.__setattr__(self, "live", tuple(self.live))


def plain_entry(entry: Entry) -> dict[str, Any]:
    """An entry as a record publishes it; marks, credit, live bids and reserve price only where there are any."""
    members: dict[str, Any] = {"code": entry.code, "quoted": entry.quoted, "tickets": entry.tickets}
    if entry.marks:
        members["marks"] = [list(row) for row in entry.marks]
    if entry.credit is not None:
        members["credit"] = entry.credit
    if entry.live:
        members["live"] = list(entry.live)
    if entry.reserve is not None:
        members["reserve"] = entry.reserve
    return members


def plain_terms(terms: Terms) -> dict[str, Any]:
    """Terms as a record publishes them: without tuples and enumerations, so that a reader of JSON finds what was
    written; live rounds and weights only where there are any."""
    members = asdict(terms)
    bidding, merit = members.pop("bidding"), members.pop("merit")
    members |= {"quote": str(members["quote"])}
    members |= {"numbers": {**members["numbers"], "base_shares": list(members["numbers"]["base_shares"])}}
    if bidding is not None:
        members |= {"bidding": bidding}
    if merit is not None:
        members |= {"merit": {**merit, "criteria": list(merit["criteria"])}}
    return members


def terms_from(members: dict[str, Any]) -> Terms:
    """Terms from their plain data (`plain_terms`)."""
    numbers, limits = Numbers(**members["numbers"]), members["limits"]
    bidding, merit = members.get("bidding"), members.get("merit")
    return Terms(**{
        **members, "numbers": numbers, "limits": Limits(**limits) if limits else None,
        "bidding": BiddingTerms(**bidding) if bidding is not None else None,
        "merit": _merit_from(merit) if merit is not None else None,
    })  # fmt: skip


def _merit_from(members: dict[str, Any]) -> MeritTerms:
    return MeritTerms(**{**members, "criteria": tuple(MeritCriterion(**one) for one in members["criteria"])})
