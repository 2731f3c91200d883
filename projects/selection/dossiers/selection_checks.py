"""Verification of `mingxuan-dossier/2`: everything from the notice to the winner, worked out again.

Needs no database, settings or network. What only the register binds (by the file's digest) are names, reasons, the
limits of the notice and times that stay in their lawful order.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, Final

import msgspec
import rfc8785

from market.beacon.rules import Chain, Round, read_moment
from projects.selection.bids.opening import OpenedBid, SealedEntry, ciphertext_hash, open_bids
from projects.selection.dossiers.beacon_checks import (
    CHAIN_HASH,
    FROZEN_FIRST,
    KNOWN_BEACON,
    RANDOMNESS,
    ROUND,
    SIGNATURE,
    BeaconClaims,
    lawful_order,
)
from projects.selection.dossiers.draw_checks import explained
from projects.selection.dossiers.draw_format import DossierInvalid, digest_of
from projects.selection.dossiers.report import (
    Claim,
    Mismatch,
    Report,
    exact_bytes,
    report_on,
    same,
    same_list,
    unreadable,
)
from projects.selection.dossiers.selection_format import (
    SelectionDossier,
    SelectionEntrant,
    hash_of,
    parse,
    pool_members,
    purpose_of,
)
from projects.selection.methods import METHODS, by_lot
from projects.selection.methods.decision import Decision
from projects.selection.methods.method import Method
from projects.selection.methods.offers import once
from projects.selection.methods.published import Handed, Published
from projects.selection.methods.terms import Entry, Terms, plain_entry, plain_terms

_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SALT: Final = re.compile(r"[0-9a-f]{32,128}")


def verify(data: bytes, expected_chain: str | None = None) -> Report:
    """Check every claim of a selection's dossier. `expected_chain`: the only chain hash the reader trusts."""
    try:
        dossier = parse(data)
    except DossierInvalid as error:
        return unreadable(error)
    return report_on(dossier, len(data), _claims_for(dossier), Recomputed(dossier, expected_chain))


def plain(value: Any) -> Any:
    """As a reader of JSON finds it: dataclasses, tuples and enumerations gone."""
    return json.loads(rfc8785.dumps(msgspec.to_builtins(value)))


class Recomputed:
    """A parsed dossier and what follows from it; each step is computed once, from the steps before it, and may raise."""

    def __init__(self, dossier: SelectionDossier, expected_chain: str | None = None) -> None:
        self.dossier = dossier
        self.expected_chain = expected_chain

    @cached_property
    def method(self) -> Method:
        if self.dossier.method not in METHODS:
            raise Mismatch(f"there is no method {self.dossier.method!r}")
        return METHODS[self.dossier.method]

    @cached_property
    def terms(self) -> Terms:
        return msgspec.convert(self.dossier.terms, Terms)

    @cached_property
    def beacon(self) -> BeaconClaims | None:
        found = self.dossier
        if found.commitment is None or found.beacon is None:
            return None
        return BeaconClaims(found.commitment, found.beacon, found.pool.frozen_at, found.decided_at, self.expected_chain)

    @property
    def claims(self) -> BeaconClaims:
        if self.beacon is None:
            raise Mismatch("there is no beacon round")
        return self.beacon

    @property
    def chain(self) -> Chain | None:
        return self.beacon.chain if self.beacon else None

    @property
    def randomness(self) -> bytes:
        return self.beacon.published.randomness if self.beacon else b""

    @property
    def opened_by(self) -> Round:
        """The round that opened the bids: the deciding one, or the earlier one that the dossier names."""
        earlier = self.dossier.opening
        return Round(earlier.round, exact_bytes(earlier.signature)) if earlier else self.claims.published

    @cached_property
    def opened(self) -> list[OpenedBid]:
        nonces = {one.code: one.nonce for one in self.dossier.pool.entrants if one.nonce is not None}
        sealed = [SealedEntry(bid.code, nonces.get(bid.code, ""), bid.ciphertext) for bid in self.dossier.bids]
        if not sealed:
            return []
        return open_bids(
            self.claims.chain, self.opened_by, sealed, project=self.dossier.project, quote=self.terms.quote,
            proposals=self.terms.merit is not None,
        )  # fmt: skip

    @cached_property
    def published(self) -> Published:
        found, bids = self.dossier, {bid.code: bid for bid in self.dossier.bids}
        pool = tuple(_handed(one, bids.get(one.code)) for one in found.pool.entrants)
        deadline = read_moment(found.commitment.deadline) if found.commitment else None
        return Published(
            self.terms, pool, found.evidence, self.randomness, self.chain,
            read_moment(found.pool.frozen_at), deadline, read_moment(found.decided_at),
        )  # fmt: skip

    @cached_property
    def entries(self) -> list[Entry]:
        try:
            return once(self.method.entries_from(self.published))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise Mismatch(f"the evidence of the method is incomplete: {error!r}") from error

    @cached_property
    def decision(self) -> Decision:
        return self.method.run(self.terms, self.entries, self.randomness)


def _handed(entrant: SelectionEntrant, bid: Any) -> Handed:
    if bid is None:
        return Handed(entrant.code, entrant.tickets)
    return Handed(entrant.code, entrant.tickets, sealed=True, quoted=bid.quoted, fault=bid.fault)


def _of_beacon(claim: Claim) -> Claim:
    """The shared check of a beacon's claims, on the part of this dossier that makes them."""
    return Claim(claim.name, claim.what, lambda found: claim.test(found.claims))


def _digest(found: Recomputed) -> str:
    dossier = found.dossier
    same("digest", dossier.digest, digest_of(msgspec.to_builtins(dossier)))
    return f"SHA-256 {dossier.digest}; compare it with the register entry of the decision"


def _method(found: Recomputed) -> str:
    dossier = found.dossier
    if dossier.method == by_lot.CODE:
        raise Mismatch("a plain draw has a dossier of its own format")
    stated = [part is not None for part in (dossier.commitment, dossier.beacon)]
    if stated != [found.method.beacon] * 2:
        raise Mismatch(f"the method {dossier.method} {'needs' if found.method.beacon else 'has no'} beacon round")
    return dossier.method


def _terms(found: Recomputed) -> str:
    dossier, terms = found.dossier, found.terms
    if rfc8785.dumps(plain_terms(terms)) != rfc8785.dumps(dossier.terms):
        raise Mismatch("the terms have members missing or added")
    same("project of the terms", terms.project, dossier.project)
    same("purpose", dossier.purpose, purpose_of(terms.no))
    same("chain of the terms", terms.chain, dossier.commitment.chain.hash if dossier.commitment else "")
    same("round of the terms", terms.round, dossier.commitment.round if dossier.commitment else 0)
    if missing := found.method.missing(terms):
        raise Mismatch(f"the notice does not state: {', '.join(sorted(missing))}")
    return f"project {terms.project}, {dossier.purpose}: all that the method needs was announced"


def _pool_hash(found: Recomputed) -> str:
    dossier = found.dossier
    promised = dossier.commitment
    stated = pool_members(
        chain=promised.chain.hash if promised else None, entrants=dossier.pool.entrants, project=dossier.project,
        purpose=dossier.purpose, number=promised.round if promised else None, salt=dossier.pool.salt,
    )  # fmt: skip
    same("hash of the pool", dossier.pool.hash, hash_of(stated))
    return f"SHA-256 of the salted list is {dossier.pool.hash}; the register holds it since the freeze"


def _pool(found: Recomputed) -> str:
    pool = found.dossier.pool
    codes = [one.code for one in pool.entrants]
    if codes != sorted(set(codes)):
        raise Mismatch("the pool is not sorted by code, or somebody is in it twice")
    if not _SALT.fullmatch(pool.salt):
        raise Mismatch("the salt has at least 32 hexadecimal digits")
    for one in pool.entrants:
        if one.tickets < 1 or not _sealed_form(one):
            raise Mismatch(f"{one.code} has no ticket, or half of a sealed bid")
    nonces = [one.nonce for one in pool.entrants if one.nonce]
    if len(set(nonces)) != len(nonces):
        raise Mismatch("two sealed bids have the same nonce")
    explained({one.code: one.name for one in pool.entrants}, pool.excluded)
    return f"{len(codes)} in the pool, {len(nonces)} sealed bids, {len(pool.excluded)} left out, each with its reason"


def _sealed_form(one: SelectionEntrant) -> bool:
    if one.nonce is None or one.sealed_sha256 is None:
        return one.nonce is one.sealed_sha256
    return bool(_NONCE.fullmatch(one.nonce) and _HASH.fullmatch(one.sealed_sha256))


def _times(found: Recomputed) -> str:
    if found.beacon:
        return lawful_order(found.beacon, live=found.method.live)
    frozen, decided = found.dossier.pool.frozen_at, found.dossier.decided_at
    if not read_moment(frozen) <= read_moment(decided):
        raise Mismatch("the decision claims to be older than the list that it was made from")
    return f"list {frozen}, result {decided}"


def _no_beacon(found: Recomputed) -> str:
    if found.dossier.opening is not None or found.dossier.bids:
        raise Mismatch("sealed bids need a beacon round that opens them")
    return "nothing was left to chance and nothing was sealed"


def _sealed(found: Recomputed) -> str:
    dossier = found.dossier
    hashes = [(one.code, one.sealed_sha256) for one in dossier.pool.entrants if one.sealed_sha256 is not None]
    same_list("sealed bid", [(bid.code, ciphertext_hash(bid.ciphertext)) for bid in dossier.bids], hashes)
    return f"{len(hashes)} sealed files, all with the hashes frozen with the pool"


def _opened(found: Recomputed) -> str:
    stated = [(bid.code, bid.quoted, bid.fault) for bid in found.dossier.bids]
    same_list("bid", stated, [(bid.code, bid.quoted, bid.fault) for bid in found.opened])
    faulty = sum(bid.fault is not None for bid in found.opened)
    return f"{len(stated)} bids opened again with the signature of {_opener(found)}, {faulty} of them invalid"


def _opener(found: Recomputed) -> str:
    if found.dossier.opening is None:
        return "the round"
    if not found.opened_by.number < found.claims.promised.round or found.terms.no == 1:
        raise Mismatch("only a further selection has bids that an earlier round opened")
    return f"the earlier round {found.opened_by.number}"


def _entries(found: Recomputed) -> str:
    computed = [rfc8785.dumps(plain_entry(one)) for one in found.entries]
    same_list("entry", [rfc8785.dumps(one) for one in found.dossier.entries], computed)
    same("list of those who have an entry", [one.code for one in found.entries], list(found.dossier.names))
    return f"{len(found.entries)} entries follow from the pool, the bids and the evidence"


def _decision(found: Recomputed) -> str:
    stated, computed = found.dossier.decision, plain(found.decision.members())
    same("list of what a decision says", sorted(stated), sorted(computed))
    for name in computed:
        if rfc8785.dumps(stated[name]) != rfc8785.dumps(computed[name]):
            raise Mismatch(f"{name} of the decision does not follow from what is published")
    return "every figure, every lot and the result computed again, all equal"


def _winner(found: Recomputed) -> str:
    winner, names = found.dossier.winner, found.dossier.names
    same("winner", winner, found.decision.winner)
    if winner is None:
        return "nobody was selected: too few valid entries"
    if winner not in names:
        raise Mismatch(f"{winner} was not in the frozen pool")
    return f"{names[winner]} ({winner}), for {found.decision.price_fen} fen"


def _claims_for(dossier: SelectionDossier) -> tuple[Claim, ...]:
    if dossier.commitment is None and dossier.beacon is None:
        return (*_START, _NO_BEACON, *_LISTS, *_RESULT)
    live = dossier.method in METHODS and METHODS[dossier.method].live
    first = () if live else (_of_beacon(FROZEN_FIRST),)
    return (*_START, *_BEACON, *_LISTS, *first, *_SEALS, *_RESULT)


_START: Final = (
    Claim("digest", "The file's digest covers all the rest of it", _digest),
    Claim("method", "The method is known, and the file is of its kind", _method),
)
_BEACON: Final = tuple(map(_of_beacon, (CHAIN_HASH, KNOWN_BEACON, ROUND, SIGNATURE, RANDOMNESS)))
_NO_BEACON: Final = Claim("no-beacon", "The method needs no beacon round", _no_beacon)
_LISTS: Final = (
    Claim("terms", "The terms are complete and those of this project and round", _terms),
    Claim("pool-hash", "The hash published at the freeze is that of this pool", _pool_hash),
    Claim("pool", "The pool is complete and explained", _pool),
    Claim("times", "The acts happened in their lawful order", _times),
)
_SEALS: Final = (
    Claim("sealed", "The sealed bids are those that were handed in", _sealed),
    Claim("opened", "Each bid opens to exactly what is published", _opened),
)
_RESULT: Final = (
    Claim("entries", "The entries follow from pool, bids and evidence", _entries),
    Claim("decision", "The decision follows from the terms, the entries and the round", _decision),
    Claim("winner", "The winner was in the pool", _winner),
)
