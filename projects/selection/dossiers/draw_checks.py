"""Verification of a draw's dossier, `mingxuan-dossier/1`. Needs no database, settings or network."""

import hashlib
from functools import cached_property
from typing import Final

import msgspec

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
from projects.selection.dossiers.draw_format import Dossier, DossierInvalid, Exclusion, digest_of, parse
from projects.selection.dossiers.report import Claim, Mismatch, Report, report_on, same, same_list, unreadable
from projects.selection.draw import ALGORITHM, DrawInput, DrawOutcome, Entrant, draw


def verify(data: bytes, expected_chain: str | None = None) -> Report:
    """Check every claim of a draw's dossier. `expected_chain`: the only chain hash the reader is willing to trust."""
    try:
        dossier = parse(data)
    except DossierInvalid as error:
        return unreadable(error)
    return report_on(dossier, len(data), _CLAIMS, _Evidence(dossier, expected_chain))


class _Evidence(BeaconClaims):
    """A parsed dossier and what was recomputed from it; each recomputation happens once and may raise."""

    def __init__(self, dossier: Dossier, expected_chain: str | None) -> None:
        super().__init__(dossier.commitment, dossier.beacon, dossier.pool.frozen_at, dossier.drawn_at, expected_chain)
        self.dossier = dossier

    @cached_property
    def given(self) -> DrawInput:
        found = self.dossier.input
        entrants = tuple(Entrant(entrant.code, entrant.tickets) for entrant in found.entrants)
        return DrawInput(found.chain, entrants, found.project, found.purpose, found.round, found.winners)

    @cached_property
    def outcome(self) -> DrawOutcome:
        return draw(self.given, self.published.randomness)


def _digest(evidence: _Evidence) -> str:
    found = evidence.dossier
    same("digest", found.digest, digest_of(msgspec.to_builtins(found)))
    return f"SHA-256 {found.digest}; compare it with the register entry of the draw"


def _input_hash(evidence: _Evidence) -> str:
    found = hashlib.sha256(evidence.given.canonical()).hexdigest()
    same("hash of the pool", evidence.dossier.pool.hash, found)
    return f"SHA-256 of the draw's input is {found}"


def _input(evidence: _Evidence) -> str:
    dossier, stated, promised = evidence.dossier, evidence.dossier.input, evidence.dossier.commitment
    same("algorithm", stated.algorithm, ALGORITHM)
    same("chain of the input", stated.chain, promised.chain.hash)
    same("project of the input", stated.project, dossier.project)
    same("purpose of the input", stated.purpose, dossier.purpose)
    same("round of the input", stated.round, promised.round)
    if msgspec.to_builtins(stated) != evidence.given.members():
        raise Mismatch("the entrants of the input are not sorted by code")
    return f"project {stated.project}, purpose {stated.purpose}, round {stated.round}"


def _pool(evidence: _Evidence) -> str:
    pool = evidence.dossier.pool
    entered = tuple(Entrant(entrant.code, entrant.tickets) for entrant in pool.entrants)
    if entered != evidence.given.entrants:
        raise Mismatch("the published pool is not the list of entrants that was drawn from")
    explained({entrant.code: entrant.name for entrant in pool.entrants}, pool.excluded)
    return f"{len(entered)} in the pool, {len(pool.excluded)} left out, each with its reason"


def explained(names: dict[str, str], excluded: list[Exclusion]) -> None:
    """Everybody has a name, and whoever was left out a reason and no place in the pool. Raises Mismatch."""
    left_out = [one.code for one in excluded]
    if left_out != sorted(set(left_out)):
        raise Mismatch("those left out are not sorted by code, or one is listed twice")
    if both := names.keys() & set(left_out):
        raise Mismatch(f"{min(both)} is both in the pool and left out")
    if not all([*names.values(), *(one.name for one in excluded)]):
        raise Mismatch("somebody has no name")
    if not all(one.reason for one in excluded):
        raise Mismatch("somebody was left out without a reason")


def _seed(evidence: _Evidence) -> str:
    same("seed", evidence.dossier.seed, evidence.outcome.seed.hex())
    return f"the seed is {evidence.dossier.seed}"


def _tickets(evidence: _Evidence) -> str:
    stated = [(ticket.code, ticket.number, ticket.value) for ticket in evidence.dossier.tickets]
    computed = [(ticket.code, ticket.number, ticket.value.hex()) for ticket in evidence.outcome.tickets()]
    same_list("ticket", stated, computed)
    return f"{len(computed)} tickets computed again, all equal"


def _order(evidence: _Evidence) -> str:
    scores = evidence.outcome.score_of()
    stated = [(place.code, place.score) for place in evidence.dossier.order]
    computed = [(code, scores[code].hex()) for code in evidence.outcome.order]
    same_list("place", stated, computed)
    return f"{len(computed)} places computed again, all equal"


def _winners(evidence: _Evidence) -> str:
    same("winners", evidence.dossier.winners, evidence.outcome.winners)
    return ", ".join(evidence.outcome.winners)


_CLAIMS: Final = (
    Claim("digest", "The file's digest covers all the rest of it", _digest),
    CHAIN_HASH,
    KNOWN_BEACON,
    Claim("input-hash", "The published hash is that of the draw's input", _input_hash),
    Claim("input", "The input agrees with the notice", _input),
    Claim("pool", "The pool is complete and explained", _pool),
    ROUND,
    Claim("times", "The acts happened in their lawful order", lawful_order),
    FROZEN_FIRST,
    SIGNATURE,
    RANDOMNESS,
    Claim("seed", "The seed follows from the randomness and the input", _seed),
    Claim("tickets", "Every ticket follows from the seed", _tickets),
    Claim("order", "The order follows from the tickets", _order),
    Claim("winners", "The winner is the first of that order", _winners),
)
