"""Verification of a dossier: one named check for everything it claims. Needs no database, settings or network."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import msgspec

from market.beacon import bls
from market.beacon.rules import QUICKNET, SAFETY_PERIODS, BeaconInvalid, Chain, Round, commit_round, round_time
from projects.selection.dossier_format import ChainMember, Dossier, DossierInvalid, digest_of, parse, read_moment
from projects.selection.draw import ALGORITHM, DrawInput, DrawInvalid, DrawOutcome, Entrant, draw


class Status(StrEnum):
    OK = "ok"
    CAUTION = "caution"  # true as far as it goes, but the reader must know something
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was checked: what, whether it holds, and the evidence in one sentence."""

    name: str
    what: str
    status: Status
    detail: str


@dataclass(frozen=True)
class Report:
    """All checks of one file. `dossier` is None when the file could not even be read as one."""

    checks: tuple[Check, ...]
    dossier: Dossier | None = None

    @property
    def ok(self) -> bool:
        return self.dossier is not None and not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status is Status.FAILED)

    def members(self) -> dict[str, Any]:
        """The report as plain data."""
        found = self.dossier
        return {
            "ok": self.ok,
            "project": found.project if found else None,
            "digest": found.digest if found else None,
            "winners": found.winners if found else [],
            "checks": [
                {"name": check.name, "what": check.what, "status": str(check.status), "detail": check.detail}
                for check in self.checks
            ],
        }


class _Mismatch(Exception):
    """A claim of the dossier is not true."""


class _Caution(Exception):
    """A claim holds, with a reservation."""


def verify(data: bytes, expected_chain: str | None = None) -> Report:
    """Check every claim of a dossier. `expected_chain`: the only chain hash the reader is willing to trust."""
    try:
        dossier = parse(data)
    except DossierInvalid as error:
        return Report((Check("form", _FORM, Status.FAILED, str(error)),))
    form = Check("form", _FORM, Status.OK, f"{len(data)} bytes, {dossier.format}")
    evidence = _Evidence(dossier, expected_chain)
    return Report((form, *(_run(name, what, test, evidence) for name, what, test in _CHECKS)), dossier)


class _Evidence:
    """A parsed dossier and what was recomputed from it; each recomputation happens once and may raise."""

    def __init__(self, dossier: Dossier, expected_chain: str | None) -> None:
        self.dossier = dossier
        self.expected_chain = expected_chain

    @cached_property
    def chain(self) -> Chain:
        return _chain_of(self.dossier.commitment.chain)

    @cached_property
    def given(self) -> DrawInput:
        found = self.dossier.input
        entrants = tuple(Entrant(entrant.code, entrant.tickets) for entrant in found.entrants)
        return DrawInput(found.chain, entrants, found.project, found.purpose, found.round, found.winners)

    @cached_property
    def published(self) -> Round:
        return Round(self.dossier.beacon.round, _bytes(self.dossier.beacon.signature))

    @cached_property
    def outcome(self) -> DrawOutcome:
        return draw(self.given, self.published.randomness)


def _run(name: str, what: str, test: Callable[[_Evidence], str], evidence: _Evidence) -> Check:
    try:
        return Check(name, what, Status.OK, test(evidence))
    except _Caution as reservation:
        return Check(name, what, Status.CAUTION, str(reservation))
    except (_Mismatch, BeaconInvalid, DrawInvalid, ValueError, OverflowError) as problem:
        return Check(name, what, Status.FAILED, str(problem))


def _digest(evidence: _Evidence) -> str:
    found = evidence.dossier
    _same("digest", found.digest, digest_of(msgspec.to_builtins(found)))
    return f"SHA-256 {found.digest}; compare it with the register entry of the draw"


def _chain_hash(evidence: _Evidence) -> str:
    _same("chain hash", evidence.dossier.commitment.chain.hash, evidence.chain.hash)
    bls.key_point(evidence.chain.public_key)
    return f"the parameters give {evidence.chain.hash}"


def _beacon(evidence: _Evidence) -> str:
    if evidence.expected_chain is not None:
        _same("chain", evidence.chain.hash, evidence.expected_chain)
    if evidence.chain == QUICKNET:
        return "drand quicknet, the public randomness network; its key is fixed in this program"
    if evidence.chain.hash == QUICKNET.hash or evidence.chain.beacon_id == QUICKNET.beacon_id:
        raise _Mismatch("the dossier calls itself drand quicknet but does not have its key")
    if evidence.expected_chain is not None:
        return "the chain that you named"
    raise _Caution(
        "a demonstration beacon: whoever runs it could have known the result in advance. "
        f"Compare its chain hash {evidence.chain.hash} with the one that the market shows"
    )


def _input_hash(evidence: _Evidence) -> str:
    found = hashlib.sha256(evidence.given.canonical()).hexdigest()
    _same("hash of the pool", evidence.dossier.pool.hash, found)
    return f"SHA-256 of the draw's input is {found}"


def _input(evidence: _Evidence) -> str:
    dossier, stated, promised = evidence.dossier, evidence.dossier.input, evidence.dossier.commitment
    for algorithm in (stated.algorithm, promised.algorithm):
        _same("algorithm", algorithm, ALGORITHM)
    _same("chain of the input", stated.chain, promised.chain.hash)
    _same("project of the input", stated.project, dossier.project)
    _same("purpose of the input", stated.purpose, dossier.purpose)
    _same("round of the input", stated.round, promised.round)
    if msgspec.to_builtins(stated) != evidence.given.members():
        raise _Mismatch("the entrants of the input are not sorted by code")
    return f"project {stated.project}, purpose {stated.purpose}, round {stated.round}"


def _pool(evidence: _Evidence) -> str:
    pool = evidence.dossier.pool
    entered = tuple(Entrant(entrant.code, entrant.tickets) for entrant in pool.entrants)
    if entered != evidence.given.entrants:
        raise _Mismatch("the published pool is not the list of entrants that was drawn from")
    left_out = [excluded.code for excluded in pool.excluded]
    if left_out != sorted(set(left_out)):
        raise _Mismatch("those left out are not sorted by code, or one is listed twice")
    if both := {entrant.code for entrant in entered} & set(left_out):
        raise _Mismatch(f"{min(both)} is both in the pool and left out")
    if not all([entrant.name for entrant in pool.entrants] + [excluded.name for excluded in pool.excluded]):
        raise _Mismatch("somebody has no name")
    if not all(excluded.reason for excluded in pool.excluded):
        raise _Mismatch("somebody was left out without a reason")
    return f"{len(entered)} in the pool, {len(left_out)} left out, each with its reason"


def _round(evidence: _Evidence) -> str:
    promised = evidence.dossier.commitment
    due = commit_round(evidence.chain, read_moment(promised.deadline))
    if promised.round != due:
        raise _Mismatch(f"the notice commits to round {promised.round}, but its deadline calls for round {due}")
    _same("round of the beacon", evidence.dossier.beacon.round, promised.round)
    return f"round {due} is the first not before {promised.deadline} plus {SAFETY_PERIODS} periods"


def _times(evidence: _Evidence) -> str:
    dossier, promised = evidence.dossier, evidence.dossier.commitment
    committed, deadline = read_moment(promised.committed_at), read_moment(promised.deadline)
    frozen, drawn = read_moment(dossier.pool.frozen_at), read_moment(dossier.drawn_at)
    public = round_time(evidence.chain, promised.round)
    if not committed <= deadline:
        raise _Mismatch("the notice was published after its own deadline")
    if not deadline <= frozen <= drawn:
        raise _Mismatch("the pool must be frozen at or after the deadline, and before the draw")
    if not public <= drawn:
        raise _Mismatch(f"the draw claims to be older than round {promised.round}, which appears at {public}")
    return f"notice {promised.committed_at}, deadline {promised.deadline}, draw {dossier.drawn_at}"


def _frozen_first(evidence: _Evidence) -> str:
    public = round_time(evidence.chain, evidence.dossier.commitment.round)
    late = read_moment(evidence.dossier.pool.frozen_at) - public
    if late >= timedelta():
        raise _Caution(
            f"the pool was written down {late} after the round was public; "
            "compare the sign-ups in the register, each dated before the deadline"
        )
    return f"the list was frozen {-late} before the round was public"


def _signature(evidence: _Evidence) -> str:
    published = evidence.published
    if not bls.signature_is_valid(evidence.chain.public_key, published.number, published.signature):
        raise _Mismatch(f"this is not the beacon's signature of round {published.number}")
    return f"the signature of round {published.number} belongs to the beacon's key"


def _randomness(evidence: _Evidence) -> str:
    _same("randomness", evidence.dossier.beacon.randomness, evidence.published.randomness.hex())
    return f"SHA-256 of the signature is {evidence.dossier.beacon.randomness}"


def _seed(evidence: _Evidence) -> str:
    _same("seed", evidence.dossier.seed, evidence.outcome.seed.hex())
    return f"the seed is {evidence.dossier.seed}"


def _tickets(evidence: _Evidence) -> str:
    stated = [(ticket.code, ticket.number, ticket.value) for ticket in evidence.dossier.tickets]
    computed = [(ticket.code, ticket.number, ticket.value.hex()) for ticket in evidence.outcome.tickets()]
    if stated != computed:
        raise _Mismatch(_first_difference("ticket", stated, computed))
    return f"{len(computed)} tickets computed again, all equal"


def _order(evidence: _Evidence) -> str:
    scores = evidence.outcome.score_of()
    stated = [(place.code, place.score) for place in evidence.dossier.order]
    computed = [(code, scores[code].hex()) for code in evidence.outcome.order]
    if stated != computed:
        raise _Mismatch(_first_difference("place", stated, computed))
    return f"{len(computed)} places computed again, all equal"


def _winners(evidence: _Evidence) -> str:
    _same("winners", evidence.dossier.winners, evidence.outcome.winners)
    return ", ".join(evidence.outcome.winners)


def _chain_of(member: ChainMember) -> Chain:
    return Chain(
        public_key=_bytes(member.public_key),
        period=member.period,
        genesis=member.genesis,
        group_hash=_bytes(member.group_hash),
        beacon_id=member.beacon_id,
        scheme=member.scheme,
    )


def _bytes(text: str) -> bytes:
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise _Mismatch("hexadecimal is written in lower case without spaces")
    return data


def _same(what: str, stated: object, computed: object) -> None:
    if stated != computed:
        raise _Mismatch(f"the {what} is stated as {stated} but must be {computed}")


def _first_difference(what: str, stated: list[Any], computed: list[Any]) -> str:
    for place, (said, found) in enumerate(zip(stated, computed, strict=False), start=1):
        if said != found:
            return f"{what} {place} is stated as {said} but must be {found}"
    return f"{len(stated)} entries of kind {what} are stated but there are {len(computed)}"


_FORM: Final = "The file is one dossier in its only spelling"
_CHECKS: Final[tuple[tuple[str, str, Callable[[_Evidence], str]], ...]] = (
    ("digest", "The file's digest covers all the rest of it", _digest),
    ("chain-hash", "The chain hash follows from the beacon's parameters", _chain_hash),
    ("beacon", "The beacon is one that nobody can foresee", _beacon),
    ("input-hash", "The published hash is that of the draw's input", _input_hash),
    ("input", "The input agrees with the notice", _input),
    ("pool", "The pool is complete and explained", _pool),
    ("round", "The round was fixed by the deadline alone", _round),
    ("times", "The acts happened in their lawful order", _times),
    ("frozen-first", "The pool was frozen before the randomness was public", _frozen_first),
    ("signature", "The round is signed by the beacon", _signature),
    ("randomness", "The randomness is the hash of that signature", _randomness),
    ("seed", "The seed follows from the randomness and the input", _seed),
    ("tickets", "Every ticket follows from the seed", _tickets),
    ("order", "The order follows from the tickets", _order),
    ("winners", "The winner is the first of that order", _winners),
)
