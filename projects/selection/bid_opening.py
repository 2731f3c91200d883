"""Opening the sealed bids of one selection, all with one round: by the market at the round, by anybody afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from market.beacon.rules import Chain, Round
from market.beacon.timelock import Opening, SealInvalid
from projects.selection.bid_text import Belonging, BidInvalid, read
from projects.selection.methods.terms import Quote


@dataclass(frozen=True)
class SealedEntry:
    """A bid as it was handed in: whose, under which nonce, and the armored file."""

    code: str
    nonce: str
    ciphertext: str


@dataclass(frozen=True)
class OpenedBid:
    """What a bid opened to: `quoted` (fen or basis points), or `fault` where it does not count; never both.

    Faults are those of `timelock.Flaw` and `bid_text.BidFault`. Limits are the method's affair.
    """

    code: str
    quoted: int | None
    fault: str | None


def open_bids(
    chain: Chain, published: Round, sealed: Iterable[SealedEntry], *, project: str, quote: Quote
) -> list[OpenedBid]:
    """Every bid, by code. Pure and slow (about 3 ms a bid): to be run in a thread. One bad bid stops no other.

    Raises BeaconInvalid where `published` does not carry the chain's signature: then nothing may be judged.
    """
    opening = Opening(chain, published)
    return [
        _open(opening, one, Belonging(project, one.code, published.number, chain.hash, one.nonce, quote))
        for one in sorted(sealed, key=lambda one: one.code)
    ]


def ciphertext_hash(ciphertext: str) -> str:
    """SHA-256 of the armored file, as receipts, the register and pools name it."""
    return hashlib.sha256(ciphertext.encode("utf-8")).hexdigest()


def _open(opening: Opening, sealed: SealedEntry, belonging: Belonging) -> OpenedBid:
    try:
        return OpenedBid(sealed.code, read(opening.open(sealed.ciphertext), belonging), None)
    except SealInvalid as error:
        return OpenedBid(sealed.code, None, error.flaw.value)
    except BidInvalid as error:
        return OpenedBid(sealed.code, None, error.fault.value)
