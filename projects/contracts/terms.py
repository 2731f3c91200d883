"""The terms of a contract: filled from the result, written down once, and signed by their SHA-256.

The canonical form (RFC 8785) is what both sides sign; it is made from the stored terms again whenever it matters. The
wording is part of the terms: whatever the site's texts say later, a signed contract reads as it was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import rfc8785

# Part of what is signed. Contracts of an older format keep theirs: they lack the terms that came later.
FORMAT: Final = "contract-terms/2"
FIRST: Final = "contract-terms/1"
LANGUAGES: Final = ("zh", "zh-en")
_NOT_IN_FIRST: Final = (
    "language",
    "service_classes",
    "milestones",
    "payment",
    "supplement_max",
    "special",
    "preamble",
    "articles",
)


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
class Milestone:
    """One delivery and its payment. `share` of the price in basis points, `price_fen` what it comes to, `days` working
    days from the acceptance of the one before (the first: from the contract's coming into force)."""

    no: int
    title: str
    share: int
    price_fen: int
    days: int


@dataclass(frozen=True)
class Payment:
    """Calendar days from the accepted delivery in which a milestone is paid, and the interest a day after that, in basis points."""

    days: int
    interest_per_day: int


@dataclass(frozen=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True)
class Article:
    """`no`: "第一条" / "Article 1"; `milestones`: their table stands below the paragraphs."""

    no: Words
    title: Words
    paragraphs: tuple[Words, ...]
    milestones: bool = False


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
    language: str = "zh"
    service_classes: tuple[str, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    payment: Payment | None = None
    supplement_max: int = 0
    special: tuple[str, ...] = ()
    preamble: Words | None = None
    articles: tuple[Article, ...] = ()

    def to_json(self) -> dict[str, Any]:
        facts = asdict(self)
        if self.format == FIRST:
            return {name: value for name, value in facts.items() if name not in _NOT_IN_FIRST}
        return facts

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Terms as they were stored. Raises TypeError or KeyError on anything else."""
        acceptance = stored["acceptance"]
        read = {
            **stored,
            "owner": Party(**stored["owner"]),
            "agency": Party(**stored["agency"]),
            "service_items": tuple(stored["service_items"]),
            "acceptance": Acceptance(**{**acceptance, "reminder_days": tuple(acceptance["reminder_days"])}),
            "award": Award(**stored["award"]),
        }
        return cls(**(read if stored["format"] == FIRST else read | _later_terms(stored)))

    def canonical(self) -> bytes:
        return rfc8785.dumps(self.to_json())

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


def _later_terms(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service_classes": tuple(stored["service_classes"]),
        "milestones": tuple(Milestone(**one) for one in stored["milestones"]),
        "payment": Payment(**stored["payment"]) if stored["payment"] else None,
        "special": tuple(stored["special"]),
        "preamble": Words(**stored["preamble"]) if stored["preamble"] else None,
        "articles": tuple(article_of(one) for one in stored["articles"]),
    }


def article_of(stored: Mapping[str, Any]) -> Article:
    """An article as it was stored."""
    return Article(
        Words(**stored["no"]), Words(**stored["title"]), tuple(Words(**one) for one in stored["paragraphs"]),
        stored["milestones"],
    )  # fmt: skip
