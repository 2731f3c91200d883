"""What every dossier with a beacon round claims about it, whichever method it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from market.beacon import bls
from market.beacon.rules import QUICKNET, SAFETY_PERIODS, Chain, Round, commit_round, read_moment, round_time
from projects.selection.dossiers.draw_format import BeaconMember, ChainMember, Commitment
from projects.selection.dossiers.report import Caution, Claim, Mismatch, exact_bytes, same
from projects.selection.draw import ALGORITHM


class BeaconClaims:
    """A commitment, the round that it named, and what was recomputed from both. `expected_chain`: the only chain hash
    that the reader is willing to trust."""

    def __init__(
        self, promised: Commitment, stated: BeaconMember, frozen_at: str, decided_at: str, expected_chain: str | None
    ) -> None:
        self.promised = promised
        self.stated = stated
        self.frozen_at = frozen_at
        self.decided_at = decided_at
        self.expected_chain = expected_chain

    @cached_property
    def chain(self) -> Chain:
        return chain_of(self.promised.chain)

    @cached_property
    def published(self) -> Round:
        return Round(self.stated.round, exact_bytes(self.stated.signature))

    @property
    def public_at(self) -> datetime:
        return round_time(self.chain, self.promised.round)


def chain_of(member: ChainMember) -> Chain:
    return Chain(
        public_key=exact_bytes(member.public_key),
        period=member.period,
        genesis=member.genesis,
        group_hash=exact_bytes(member.group_hash),
        beacon_id=member.beacon_id,
        scheme=member.scheme,
    )


def lawful_order(claims: BeaconClaims, *, live: bool = False) -> str:
    """The notice before its deadline, and before the decision the frozen pool and the round. `live`: the pool is
    frozen before the deadline, because bidding only starts then."""
    promised = claims.promised
    committed, deadline = read_moment(promised.committed_at), read_moment(promised.deadline)
    frozen, decided = read_moment(claims.frozen_at), read_moment(claims.decided_at)
    if not committed <= deadline:
        raise Mismatch("the notice was published after its own deadline")
    if not (live or deadline <= frozen) or not frozen <= decided:
        raise Mismatch("the pool must be frozen at or after the deadline, and before the draw")
    if not claims.public_at <= decided:
        raise Mismatch(f"the draw claims to be older than round {promised.round}, which appears at {claims.public_at}")
    return f"notice {promised.committed_at}, deadline {promised.deadline}, result {claims.decided_at}"


def _chain_hash(claims: BeaconClaims) -> str:
    same("chain hash", claims.promised.chain.hash, claims.chain.hash)
    bls.key_point(claims.chain.public_key)
    return f"the parameters give {claims.chain.hash}"


def _beacon(claims: BeaconClaims) -> str:
    if claims.expected_chain is not None:
        same("chain", claims.chain.hash, claims.expected_chain)
    if claims.chain == QUICKNET:
        return "drand quicknet, the public randomness network; its key is fixed in this program"
    if claims.chain.hash == QUICKNET.hash or claims.chain.beacon_id == QUICKNET.beacon_id:
        raise Mismatch("the dossier calls itself drand quicknet but does not have its key")
    if claims.expected_chain is not None:
        return "the chain that you named"
    raise Caution(
        "a demonstration beacon: whoever runs it could have known the result in advance. "
        f"Compare its chain hash {claims.chain.hash} with the one that the market shows"
    )


def _round(claims: BeaconClaims) -> str:
    promised = claims.promised
    same("algorithm", promised.algorithm, ALGORITHM)
    due = commit_round(claims.chain, read_moment(promised.deadline))
    if promised.round != due:
        raise Mismatch(f"the notice commits to round {promised.round}, but its deadline calls for round {due}")
    same("round of the beacon", claims.stated.round, promised.round)
    return f"round {due} is the first not before {promised.deadline} plus {SAFETY_PERIODS} periods"


def _frozen_first(claims: BeaconClaims) -> str:
    late = read_moment(claims.frozen_at) - claims.public_at
    if late >= timedelta():
        raise Caution(
            f"the pool was written down {late} after the round was public; "
            "compare the sign-ups in the register, each dated before the deadline"
        )
    return f"the list was frozen {-late} before the round was public"


def _signature(claims: BeaconClaims) -> str:
    published = claims.published
    if not bls.signature_is_valid(claims.chain.public_key, published.number, published.signature):
        raise Mismatch(f"this is not the beacon's signature of round {published.number}")
    return f"the signature of round {published.number} belongs to the beacon's key"


def _randomness(claims: BeaconClaims) -> str:
    same("randomness", claims.stated.randomness, claims.published.randomness.hex())
    return f"SHA-256 of the signature is {claims.stated.randomness}"


CHAIN_HASH: Final = Claim("chain-hash", "The chain hash follows from the beacon's parameters", _chain_hash)
KNOWN_BEACON: Final = Claim("beacon", "The beacon is one that nobody can foresee", _beacon)
ROUND: Final = Claim("round", "The round was fixed by the deadline alone", _round)
FROZEN_FIRST: Final = Claim("frozen-first", "The pool was frozen before the randomness was public", _frozen_first)
SIGNATURE: Final = Claim("signature", "The round is signed by the beacon", _signature)
RANDOMNESS: Final = Claim("randomness", "The randomness is the hash of that signature", _randomness)
