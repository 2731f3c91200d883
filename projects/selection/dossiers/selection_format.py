"""The dossier of a selection by any method other than the plain draw: `mingxuan-dossier/2`.

As with the draw's (`draw_format`): RFC 8785 canonical JSON in one spelling, with a digest over all other members.
`commitment` and `beacon` are null for methods without a beacon round, `evidence` for methods that need none of their
own. `opening` is null unless the bids were opened by an earlier round than the one that decided: a further selection
among bids that are open already.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import rfc8785

from projects.selection.dossiers.draw_format import (
    BeaconMember,
    Commitment,
    DossierInvalid,
    Exclusion,
    Member,
    decode,
)

FORMAT: Final = "mingxuan-dossier/2"
MOST_DEPTH: Final = 12
_PLAIN: Final = (str, int, bool, type(None))


class SelectionEntrant(Member, frozen=True):
    """One member of the frozen pool; `nonce` and `sealed_sha256` are null without a sealed bid."""

    code: str
    name: str
    nonce: str | None
    sealed_sha256: str | None
    tickets: int


class SelectionPool(Member, frozen=True):
    """The frozen list; `hash` is that of `pool_members`, published at the freeze without the `salt`."""

    entrants: list[SelectionEntrant]
    excluded: list[Exclusion]
    frozen_at: str
    hash: str
    salt: str


class BidMember(Member, frozen=True):
    """A sealed bid, and what it opened to."""

    ciphertext: str
    code: str
    fault: str | None
    quoted: int | None


class OpeningMember(Member, frozen=True):
    """The earlier round whose signature opened the bids."""

    round: int
    signature: str


class SelectionDossier(Member, frozen=True):
    """The whole file. `terms`, `entries`, `decision` and `evidence` have the form that their method gives them."""

    beacon: BeaconMember | None
    bids: list[BidMember]
    commitment: Commitment | None
    decided_at: str
    decision: dict[str, Any]
    digest: str
    entries: list[dict[str, Any]]
    evidence: dict[str, Any] | None
    format: str
    method: str
    opening: OpeningMember | None
    pool: SelectionPool
    project: str
    purpose: str
    terms: dict[str, Any]

    @property
    def winner(self) -> str | None:
        return self.decision.get("winner")

    @property
    def winners(self) -> list[str]:
        return [self.winner] if self.winner else []

    @property
    def names(self) -> dict[str, str]:
        return {entrant.code: entrant.name for entrant in self.pool.entrants}


def parse(data: bytes) -> SelectionDossier:
    """Read a dossier strictly. Raises DossierInvalid."""
    dossier = decode(data, SelectionDossier, FORMAT)
    for part in (dossier.terms, dossier.entries, dossier.decision, dossier.evidence):
        _check_plain(part, MOST_DEPTH)
    return dossier


def pool_members(
    *, chain: str | None, entrants: list[SelectionEntrant], project: str, purpose: str, number: int | None, salt: str
) -> dict[str, Any]:
    """What the pool's hash is of: names are left out, the salt keeps the hash from telling who is in it."""
    return {
        "chain": chain,
        "entrants": [
            {"code": one.code, "nonce": one.nonce, "sealed_sha256": one.sealed_sha256, "tickets": one.tickets}
            for one in entrants
        ],
        "project": project,
        "purpose": purpose,
        "round": number,
        "salt": salt,
    }


def hash_of(members: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(members)).hexdigest()


def purpose_of(no: int) -> str:
    """What the selection is for: the award of the project, counted from its second round on."""
    return "award" if no == 1 else f"award-{no}"


def _check_plain(value: object, depth: int) -> None:
    """Text, whole numbers, truth values, nothing, lists and objects: what every language reads alike."""
    if depth == 0:
        raise DossierInvalid("the file is nested too deeply")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check_plain(item, depth - 1)
    elif not isinstance(value, _PLAIN):
        raise DossierInvalid("a dossier holds no numbers with a fraction")
