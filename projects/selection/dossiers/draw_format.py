"""The dossier of one draw: a single file with everything needed to repeat it.

Its bytes are RFC 8785 canonical JSON, and its `digest` member is the SHA-256 of the canonical JSON of all the other
members: so a dossier has exactly one spelling, and `projects.selection.dossiers.draw_checks` refuses any other.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar

import msgspec
import rfc8785

FORMAT: Final = "mingxuan-dossier/1"


class DossierInvalid(ValueError):
    """The file is no dossier, or what should be published would not stand its own verification."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a dossier: every member is required and none may be added."""


class ChainMember(Member, frozen=True):
    """The beacon's parameters, enough to recompute `hash`."""

    beacon_id: str
    genesis: int
    group_hash: str
    hash: str
    period: int
    public_key: str
    scheme: str


class Commitment(Member, frozen=True):
    """What the notice promised before the round existed."""

    algorithm: str
    chain: ChainMember
    committed_at: str
    deadline: str
    round: int


class PoolEntrant(Member, frozen=True):
    code: str
    name: str
    tickets: int


class Exclusion(Member, frozen=True):
    """Somebody who signed up and was left out of the pool, with the published reason."""

    code: str
    name: str
    reason: str


class Pool(Member, frozen=True):
    """The frozen list; `hash` is the SHA-256 of D's canonical JSON."""

    entrants: list[PoolEntrant]
    excluded: list[Exclusion]
    frozen_at: str
    hash: str


class InputEntrant(Member, frozen=True):
    code: str
    tickets: int


class Input(Member, frozen=True):
    """D itself, member by member as it is hashed."""

    algorithm: str
    chain: str
    entrants: list[InputEntrant]
    project: str
    purpose: str
    round: int
    winners: int


class BeaconMember(Member, frozen=True):
    randomness: str
    round: int
    signature: str


class TicketMember(Member, frozen=True):
    code: str
    number: int
    value: str


class Place(Member, frozen=True):
    code: str
    score: str


class Dossier(Member, frozen=True):
    """The whole file."""

    beacon: BeaconMember
    commitment: Commitment
    digest: str
    drawn_at: str
    format: str
    input: Input
    order: list[Place]
    pool: Pool
    project: str
    purpose: str
    seed: str
    tickets: list[TicketMember]
    winners: list[str]

    @property
    def names(self) -> dict[str, str]:
        return {entrant.code: entrant.name for entrant in self.pool.entrants}


class Formatted(Protocol):
    @property
    def format(self) -> str: ...


AnyFormat = TypeVar("AnyFormat", bound=Formatted)


def parse(data: bytes) -> Dossier:
    """Read a dossier strictly: missing, extra or repeated members and any second spelling are refused."""
    return decode(data, Dossier, FORMAT)


def decode(data: bytes, shape: type[AnyFormat], name: str) -> AnyFormat:
    """A file of this shape and format in its only spelling. Raises DossierInvalid."""
    try:
        dossier = msgspec.json.decode(data, type=shape, strict=True)
        canonical = rfc8785.dumps(msgspec.to_builtins(dossier))
    except (msgspec.DecodeError, rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise DossierInvalid(str(error)) from error
    if dossier.format != name:
        raise DossierInvalid(f"the format is {dossier.format!r}, not {name!r}")
    if canonical != data:
        raise DossierInvalid("the file is not canonical JSON (RFC 8785), so it was altered after publication")
    return dossier


def digest_of(members: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of all members except `digest`."""
    rest: dict[str, Any] = {name: value for name, value in members.items() if name != "digest"}
    return hashlib.sha256(rfc8785.dumps(rest)).hexdigest()
