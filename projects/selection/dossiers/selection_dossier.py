"""Building the dossier of a selection by any method other than the plain draw. Pure: times and rounds are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from market.beacon.rules import Chain, Round, moment_text
from projects.selection.bids.opening import OpenedBid, SealedEntry, open_bids
from projects.selection.dossiers.draw_dossier import chain_member
from projects.selection.dossiers.draw_format import DossierInvalid, Exclusion, digest_of
from projects.selection.dossiers.selection_checks import plain, verify
from projects.selection.dossiers.selection_format import (
    FORMAT,
    SelectionDossier,
    SelectionEntrant,
    hash_of,
    parse,
    pool_members,
    purpose_of,
)
from projects.selection.draw import ALGORITHM
from projects.selection.methods import METHODS
from projects.selection.methods.offers import once
from projects.selection.methods.published import Handed, Published
from projects.selection.methods.terms import Terms, plain_entry, plain_terms

__all__ = ["PoolMember", "SelectionDossier", "SelectionFacts", "build", "parse", "pool_hash", "verify"]


@dataclass(frozen=True)
class PoolMember:
    """One agency of the frozen pool; `nonce` and `sealed_sha256` are those of its sealed bid, if it left one."""

    code: str
    name: str
    tickets: int = 1
    nonce: str | None = None
    sealed_sha256: str | None = None


@dataclass(frozen=True)
class SelectionFacts:
    """The facts of one selection. Without a beacon round `chain`, `beacon_round`, `committed_at` and `deadline` are
    None. `bids`: the sealed bids of the pool. `opened_by`: the round that opened them, where it was an earlier one."""

    method: str
    terms: Terms
    entrants: Sequence[PoolMember]
    excluded: Sequence[Exclusion]
    salt: str
    frozen_at: datetime
    decided_at: datetime
    committed_at: datetime | None = None
    deadline: datetime | None = None
    chain: Chain | None = None
    beacon_round: Round | None = None
    opened_by: Round | None = None
    bids: Sequence[SealedEntry] = ()
    evidence: Mapping[str, Any] | None = None


def build(facts: SelectionFacts) -> bytes:
    """The dossier's bytes: bids opened, entries made, decided. Raises DossierInvalid rather than publish what nobody
    could verify, and what the method raises where it cannot decide. Slow with many bids: to be run in a thread."""
    data = compose(facts, _open(facts))
    report = verify(data)
    if not report.ok:
        raise DossierInvalid("; ".join(f"{check.name}: {check.detail}" for check in report.failures))
    return data


def compose(facts: SelectionFacts, opened: Sequence[OpenedBid]) -> bytes:
    """The bytes for bids that are open already, not verified: `build` is what publishes."""
    published = _published(facts, opened)
    method = METHODS[facts.method]
    entries = once(method.entries_from(published))
    decision = method.run(facts.terms, entries, published.randomness)
    members = plain({
        **_promise(facts),
        **_beacon(facts),
        "pool": _pool(facts),
        "bids": _bids(facts, opened),
        "evidence": facts.evidence,
        "entries": [plain_entry(entry) for entry in entries],
        "decision": decision.members(),
        "decided_at": moment_text(facts.decided_at),
    })  # fmt: skip
    return rfc8785.dumps({**members, "digest": digest_of(members)})


def pool_hash(terms: Terms, entrants: Sequence[PoolMember], salt: str) -> str:
    """What the register holds from the freeze on. `salt`: 32 or more random hexadecimal digits, secret until the
    opening."""
    return hash_of(
        pool_members(
            chain=terms.chain or None, entrants=_by_code(entrants), project=terms.project,
            purpose=purpose_of(terms.no), number=terms.round or None, salt=salt,
        )
    )  # fmt: skip


def _open(facts: SelectionFacts) -> list[OpenedBid]:
    if not facts.bids:
        return []
    opener = facts.opened_by or facts.beacon_round
    if facts.chain is None or opener is None:
        raise DossierInvalid("sealed bids need the round that opens them")
    return open_bids(
        facts.chain, opener, facts.bids, project=facts.terms.project, quote=facts.terms.quote,
        proposals=facts.terms.merit is not None,
    )  # fmt: skip


def _published(facts: SelectionFacts, opened: Sequence[OpenedBid]) -> Published:
    bids = {bid.code: bid for bid in opened}
    pool = [
        Handed(one.code, one.tickets, sealed=True, quoted=bids[one.code].quoted, fault=bids[one.code].fault)
        if one.code in bids
        else Handed(one.code, one.tickets)
        for one in sorted(facts.entrants, key=lambda one: one.code)
    ]
    randomness = facts.beacon_round.randomness if facts.beacon_round else b""
    evidence = None if facts.evidence is None else plain(facts.evidence)
    return Published(
        facts.terms, tuple(pool), evidence, randomness, facts.chain, facts.frozen_at, facts.deadline, facts.decided_at
    )


def _promise(facts: SelectionFacts) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "project": facts.terms.project,
        "purpose": purpose_of(facts.terms.no),
        "method": facts.method,
        "terms": plain_terms(facts.terms),
        "commitment": _commitment(facts),
    }


def _commitment(facts: SelectionFacts) -> dict[str, Any] | None:
    if facts.chain is None or facts.committed_at is None or facts.deadline is None:
        return None
    return {
        "algorithm": ALGORITHM,
        "chain": chain_member(facts.chain),
        "committed_at": moment_text(facts.committed_at),
        "deadline": moment_text(facts.deadline),
        "round": facts.terms.round,
    }


def _beacon(facts: SelectionFacts) -> dict[str, Any]:
    found, earlier = facts.beacon_round, facts.opened_by
    if earlier == found:
        earlier = None
    return {
        "beacon": found and {
            "randomness": found.randomness.hex(), "round": found.number, "signature": found.signature.hex(),
        },
        "opening": earlier and {"round": earlier.number, "signature": earlier.signature.hex()},
    }  # fmt: skip


def _pool(facts: SelectionFacts) -> dict[str, Any]:
    return {
        "entrants": _by_code(facts.entrants),
        "excluded": sorted(facts.excluded, key=lambda one: one.code),
        "frozen_at": moment_text(facts.frozen_at),
        "hash": pool_hash(facts.terms, facts.entrants, facts.salt),
        "salt": facts.salt,
    }


def _by_code(entrants: Sequence[PoolMember]) -> list[SelectionEntrant]:
    found = [SelectionEntrant(one.code, one.name, one.nonce, one.sealed_sha256, one.tickets) for one in entrants]
    return sorted(found, key=lambda one: one.code)


def _bids(facts: SelectionFacts, opened: Sequence[OpenedBid]) -> list[dict[str, Any]]:
    files = {bid.code: bid.ciphertext for bid in facts.bids}
    return [
        {"code": bid.code, "ciphertext": files[bid.code], "quoted": bid.quoted, "fault": bid.fault} for bid in opened
    ]
