"""From what is published to entries: each method says how, and whoever reads a dossier does it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.beacon.rules import Chain
from projects.selection.methods.terms import Entry, Terms


class EvidenceInvalid(ValueError):
    """The method's own evidence is incomplete, or contradicts what else is published."""


@dataclass(frozen=True)
class Handed:
    """One member of the frozen pool. `sealed`: it left a sealed bid; `quoted` is what that bid opened to (fen or basis
    points), None without a bid or where `fault` says why it does not count."""

    code: str
    tickets: int = 1
    sealed: bool = False
    quoted: int | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Published:
    """All that entries may follow from. `pool` is sorted by code. `evidence` is the method's own part of the dossier,
    as JSON has it. `randomness` is b"" and `chain` and `deadline` are None for methods without a beacon round.

    `deadline` is the moment from which the round was reckoned: the end of bidding where agencies bid live.
    """

    terms: Terms
    pool: tuple[Handed, ...]
    evidence: Mapping[str, Any] | None
    randomness: bytes
    chain: Chain | None
    frozen_at: datetime
    deadline: datetime | None
    decided_at: datetime


def no_evidence(published: Published) -> None:
    """For methods that need none: whatever else is published must not look as if it had decided."""
    if published.evidence is not None:
        raise EvidenceInvalid("this method decides without evidence of its own")


def entries_of_pool(published: Published) -> Sequence[Entry]:
    """One entry for each member of the pool with what its bid opened to; a bid that does not count quotes nothing, so
    that the method rejects it by name. What a method does unless it says otherwise."""
    no_evidence(published)
    return [Entry(one.code, one.quoted, one.tickets) for one in published.pool]
