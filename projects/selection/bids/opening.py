"""Opening the sealed bids of one selection, all with one round: by the market at the round, by anybody afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from market.beacon.rules import Chain, Round
from market.beacon.timelock import Opening, SealInvalid
from projects.selection.bids.text import Belonging, BidInvalid, ProposalSeal, read, read_with_proposal
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

    Faults are those of `timelock.Flaw` and `text.BidFault`. Limits are the method's affair. `proposal`: what opens
    the encrypted proposal, where the method asks for one.
    """

    code: str
    quoted: int | None
    fault: str | None
    proposal: ProposalSeal | None = None


def open_bids(
    chain: Chain, published: Round, sealed: Iterable[SealedEntry], *, project: str, quote: Quote,
    proposals: bool = False,
) -> list[OpenedBid]:  # fmt: skip
    """Every bid, by code. Pure and slow (about 3 ms a bid): to be run in a thread. One bad bid stops no other.
    `proposals`: the method asks for them, so that a bid without one does not count.

    Raises BeaconInvalid where `published` does not carry the chain's signature: then nothing may be judged.
    """
    opening = Opening(chain, published)
    return [
        _open(opening, one, Belonging(project, one.code, published.number, chain.hash, one.nonce, quote), proposals)
        for one in sorted(sealed, key=lambda one: one.code)
    ]


def ciphertext_hash(ciphertext: str) -> str:
    """SHA-256 of the armored file, as receipts, the register and pools name it."""
    return hashlib.sha256(ciphertext.encode("utf-8")).hexdigest()


def _open(opening: Opening, sealed: SealedEntry, belonging: Belonging, proposals: bool) -> OpenedBid:
    try:
        text = opening.open(sealed.ciphertext)
        if proposals:
            quoted, proposal = read_with_proposal(text, belonging)
            return OpenedBid(sealed.code, quoted, None, proposal)
        return OpenedBid(sealed.code, read(text, belonging), None)
    except SealInvalid as error:
        return OpenedBid(sealed.code, None, error.flaw.value)
    except BidInvalid as error:
        return OpenedBid(sealed.code, None, error.fault.value)
