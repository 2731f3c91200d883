"""The terms of a contract: filled from the result, written down once, and signed by their SHA-256.

The canonical form (RFC 8785) is what both sides sign; it is made from the stored terms again whenever it matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import rfc8785

# Part of what is signed. A new kind of term (milestones, payment) raises it; older contracts keep theirs.
FORMAT: Final = "contract-terms/1"


@dataclass(frozen=True)
class Party:
    code: str
    name: str
    legal_representative: str
    address: str


@dataclass(frozen=True)
class Award:
    """Which draw gave the contract to this agency (its dossier's digest), and when its result became final."""

    round_no: int
    pool_sha256: str
    dossier_sha256: str
    final_at: str


@dataclass(frozen=True)
class Acceptance:
    """Working days in which the owner answers a delivery (silence accepts), working days after delivery on which it is
    reminded, how often it may return a delivery, and the least working days for a correction."""

    silence_days: int
    reminder_days: tuple[int, ...]
    returns_max: int
    correction_days: int


@dataclass(frozen=True)
class Terms:
    """Everything in whole numbers and text, so that the canonical form is the same on every machine."""

    contract: str
    project: str
    title: str
    owner: Party
    agency: Party
    service_items: tuple[str, ...]
    content: str
    scale: str
    other_requirements: str
    practitioners_needed: int
    price_fen: int
    service_days: int
    acceptance: Acceptance
    award: Award
    sign_due_at: str
    rulebook: str
    catalogue: str
    currency: str = "CNY"
    format: str = FORMAT

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Terms as they were stored. Raises TypeError or KeyError on anything else."""
        acceptance = stored["acceptance"]
        return cls(**{
            **stored,
            "owner": Party(**stored["owner"]),
            "agency": Party(**stored["agency"]),
            "service_items": tuple(stored["service_items"]),
            "acceptance": Acceptance(**{**acceptance, "reminder_days": tuple(acceptance["reminder_days"])}),
            "award": Award(**stored["award"]),
        })  # fmt: skip

    def canonical(self) -> bytes:
        return rfc8785.dumps(self.to_json())

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()
