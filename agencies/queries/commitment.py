"""The commitment letter: versioned texts kept as data files; which one is in force, and the hash that binds it."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import rfc8785

from market.catalogue.rules import Wording
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound

FOLDER = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True)
class Clause:
    title: Wording
    text: Wording


@dataclass(frozen=True)
class CommitmentText:
    """`sha256`: over the canonical JSON (RFC 8785) of the whole content, in both languages."""

    version: str
    effective_from: date
    title: Wording
    opening: Wording
    clauses: tuple[Clause, ...]
    closing: Wording
    sha256: str
    canonical: bytes


@lru_cache
def all_texts() -> tuple[CommitmentText, ...]:
    """Every version, oldest first."""
    texts = [_read(path) for path in FOLDER.glob("commitment-*.toml")]
    return tuple(sorted(texts, key=lambda text: (text.effective_from, text.version)))


def text_in_force(now: datetime) -> CommitmentText:
    today = beijing_date(now)
    begun = [text for text in all_texts() if text.effective_from <= today]
    return (begun or list(all_texts()))[-1]


def text_of(version: str) -> CommitmentText:
    """Raises NotFound."""
    for text in all_texts():
        if text.version == version:
            return text
    raise NotFound


def _read(path: Path) -> CommitmentText:
    content = tomllib.loads(path.read_text(encoding="utf8"))
    canonical = rfc8785.dumps({**content, "effective_from": content["effective_from"].isoformat()})
    return CommitmentText(
        version=content["version"], effective_from=content["effective_from"], title=_wording(content["title"]),
        opening=_wording(content["opening"]), closing=_wording(content["closing"]),
        clauses=tuple(Clause(_wording(one["title"]), _wording(one["text"])) for one in content["clause"]),
        sha256=hashlib.sha256(canonical).hexdigest(), canonical=canonical,
    )  # fmt: skip


def _wording(words: dict[str, Any]) -> Wording:
    return Wording(words["zh"], words["en"])
