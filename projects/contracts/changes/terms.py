"""What a change says: the terms before it and after it, why, and its wording. Both sides sign its SHA-256 (RFC 8785).

The contract itself stays as it was signed. What stands is the contract with the last change that is in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import rfc8785

from projects.contracts.terms import Article, Milestone, Party, Terms, Words, article_of

FORMAT: Final = "contract-change/1"


@dataclass(frozen=True)
class Content:
    """The part of a contract that can be changed. The price is what the milestones come to, the time their days."""

    milestones: tuple[Milestone, ...]
    content: str
    scale: str
    other_requirements: str
    special: tuple[str, ...]

    @property
    def price_fen(self) -> int:
        return sum(one.price_fen for one in self.milestones)

    @property
    def days(self) -> int:
        return sum(one.days for one in self.milestones)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        milestones = tuple(Milestone(**one) for one in stored["milestones"])
        return cls(**{**stored, "milestones": milestones, "special": tuple(stored["special"])})


@dataclass(frozen=True)
class Limit:
    """What supplements may add to the price in all, and what earlier ones have added (fen)."""

    most_fen: int
    added_before_fen: int


@dataclass(frozen=True)
class ChangeTerms:
    contract: str
    project: str
    title: str
    no: int
    owner: Party
    agency: Party
    contract_sha256: str
    signed_price_fen: int
    proposed_at: str
    before: Content
    after: Content
    reason: str
    limit: Limit
    rulebook: str
    format: str = FORMAT
    language: str = "zh"
    preamble: Words | None = None
    articles: tuple[Article, ...] = ()

    @property
    def number(self) -> str:
        """MX-2026-000123-C1-S2: the second supplement of this contract."""
        return f"{self.contract}-S{self.no}"

    @property
    def added_fen(self) -> int:
        """What it adds to the price; a change that lowers it adds nothing."""
        return max(self.after.price_fen - self.before.price_fen, 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """As it was stored. Raises TypeError or KeyError on anything else."""
        return cls(**{
            **stored,
            "owner": Party(**stored["owner"]),
            "agency": Party(**stored["agency"]),
            "before": Content.from_json(stored["before"]),
            "after": Content.from_json(stored["after"]),
            "limit": Limit(**stored["limit"]),
            "preamble": Words(**stored["preamble"]) if stored["preamble"] else None,
            "articles": tuple(article_of(one) for one in stored["articles"]),
        })  # fmt: skip

    @property
    def sha256(self) -> str:
        return hashlib.sha256(rfc8785.dumps(self.to_json())).hexdigest()


def as_signed(terms: Terms, milestones: tuple[Milestone, ...]) -> Content:
    """The changeable part of a contract that nothing has changed yet. `milestones`: those that were signed."""
    return Content(milestones, terms.content, terms.scale, terms.other_requirements, terms.special)
