"""What an agency hands in to take part, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from projects.selection.sign_ups.origins import Mark

SealedBy = Literal["browser", "server"]


@dataclass(frozen=True)
class SignUpOffer:
    """What an agency confirms: who acts for it, and with whom it would do the work."""

    authorised_person_id: UUID
    practitioner_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class SealedBid:
    """A bid as it arrives. `nonce`: 32 hexadecimal digits, once for each submission; it is also inside the sealed text.
    `ciphertext`: an armored age file."""

    nonce: str
    ciphertext: str
    sealed_by: SealedBy
    proposal_file_id: UUID | None = None


@dataclass(frozen=True)
class JudgedBid:
    """A bid whose form is right. `round`: the beacon round that the file names."""

    sealed: SealedBid
    sha256: str
    chain: str
    round: int


@dataclass(frozen=True)
class Wish:
    """One agency wants to take part in one project; `now` is when its request reached the server. `replaces`: the bid
    that it knows to stand; `marks`: of where the request came from."""

    project_id: UUID
    agency_id: UUID
    offer: SignUpOffer
    by: UUID
    now: datetime
    bid: JudgedBid | None = None
    replaces: UUID | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What stands once a wish is fulfilled. `repeated`: it stood already, nothing was written."""

    sign_up_id: UUID
    entry_id: UUID
    bid_id: UUID | None = None
    repeated: bool = False
