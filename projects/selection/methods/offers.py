"""What all price methods share: judging bids against the limits, leaving some out at an end, finding the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.selection.draw import entrants_of
from projects.selection.methods.decision import Fault, Lot, Rejected, lot
from projects.selection.methods.terms import Entry, Limits, Quote, Terms


class EntriesInvalid(ValueError):
    """Entries that should never have reached a decision: the same agency twice."""


@dataclass(frozen=True)
class Offer:
    """A valid bid. `low` orders bids from the cheapest: the price, or the discount turned round, which is finer than
    the price that it leaves."""

    code: str
    quoted: int
    price_fen: int
    low: int


def judge(terms: Terms, entries: Iterable[Entry]) -> tuple[tuple[Offer, ...], tuple[Rejected, ...]]:
    """Valid bids from the cheapest (equal ones by code) and the others by code; in whatever order they came."""
    offers, rejected = [], []
    for entry in once(entries):
        found = fault_of(terms.bounds, terms.quote, entry.quoted)
        if found is None:
            offers.append(_offer(terms, entry))
        else:
            rejected.append(Rejected(entry.code, entry.quoted, found))
    return tuple(sorted(offers, key=lambda offer: (offer.low, offer.code))), tuple(rejected)


def once(entries: Iterable[Entry]) -> list[Entry]:
    """The entries by code. Raises EntriesInvalid where an agency has two."""
    ordered = sorted(entries, key=lambda entry: entry.code)
    if len({entry.code for entry in ordered}) != len(ordered):
        raise EntriesInvalid("an agency has more than one entry")
    return ordered


def cheapest(
    terms: Terms, offers: Sequence[Offer], count: int, purpose: str, randomness: bytes
) -> tuple[frozenset[str], tuple[Lot, ...]]:
    """Codes of the `count` cheapest bids. Where equal bids stand on both sides of the cut, lots decide between them."""
    return _end(terms, sorted(offers, key=lambda offer: offer.low), count, purpose, randomness)


def dearest(
    terms: Terms, offers: Sequence[Offer], count: int, purpose: str, randomness: bytes
) -> tuple[frozenset[str], tuple[Lot, ...]]:
    """Codes of the `count` dearest bids, in the same way."""
    return _end(terms, sorted(offers, key=lambda offer: -offer.low), count, purpose, randomness)


def nearest(
    terms: Terms, offers: Sequence[Offer], reference_fen: int, randomness: bytes
) -> tuple[Offer, tuple[Lot, ...]]:
    """The bid nearest to the reference price; at equal distance the cheaper one; lots among bids that are equal."""

    def closeness(offer: Offer) -> tuple[int, int]:
        return abs(offer.price_fen - reference_fen), offer.low

    best = min(map(closeness, offers))
    return one_of(terms, [offer for offer in offers if closeness(offer) == best], "tie", randomness)


def one_of(terms: Terms, equal: Sequence[Offer], purpose: str, randomness: bytes) -> tuple[Offer, tuple[Lot, ...]]:
    """The only one, or the one drawn."""
    if len(equal) == 1:
        return equal[0], ()
    drawn = lot(terms, purpose, entrants_of(offer.code for offer in equal), randomness)
    return next(offer for offer in equal if offer.code == drawn.winners[0]), (drawn,)


def _end(
    terms: Terms, ordered: Sequence[Offer], count: int, purpose: str, randomness: bytes
) -> tuple[frozenset[str], tuple[Lot, ...]]:
    if count == 0 or len(ordered) <= count:
        return frozenset(offer.code for offer in ordered[:count]), ()
    edge = ordered[count - 1].low
    surely = [offer.code for offer in ordered[:count] if offer.low != edge]
    equal = [offer.code for offer in ordered if offer.low == edge]
    if len(surely) + len(equal) == count:
        return frozenset([*surely, *equal]), ()
    drawn = lot(terms, purpose, entrants_of(equal), randomness, winners=count - len(surely))
    return frozenset([*surely, *drawn.winners]), (drawn,)


def _offer(terms: Terms, entry: Entry) -> Offer:
    assert entry.quoted is not None
    price = _price(terms, entry.quoted)
    return Offer(entry.code, entry.quoted, price, price if terms.quote is Quote.PRICE else -entry.quoted)


def _price(terms: Terms, quoted: int) -> int:
    return quoted if terms.quote is Quote.PRICE else terms.bounds.price_after(quoted)


def fault_of(limits: Limits, quote: Quote, quoted: object) -> Fault | None:
    """Why a quoted price or discount does not count under these limits."""
    if type(quoted) is not int or quoted < 0:
        return Fault.NO_AMOUNT
    if quote is Quote.DISCOUNT:
        if quoted < limits.smallest_discount:
            return Fault.DISCOUNT_TOO_SMALL
        if quoted > limits.largest_discount:
            return Fault.DISCOUNT_TOO_LARGE
    price = quoted if quote is Quote.PRICE else limits.price_after(quoted)
    if price > limits.ceiling_fen:
        return Fault.ABOVE_CEILING
    return Fault.BELOW_FLOOR if price < max(limits.floor_fen, 1) else None
