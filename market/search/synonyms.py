"""Words that mean the same, from one table that both engines read."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).parent / "data" / "synonyms.toml"


@dataclass(frozen=True)
class Synonyms:
    """`groups`: each word in one group only. Raises ValueError for a word that stands in two."""

    groups: tuple[tuple[str, ...], ...] = ()
    _others: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for group in self.groups:
            for word in group:
                if word in self._others:
                    raise ValueError(f"{word} stands in two groups of synonyms")
                self._others[word] = tuple(other for other in group if other != word)

    def of(self, word: str) -> tuple[str, ...]:
        return self._others.get(word, ())


no_synonyms: Final = Synonyms()


@cache
def synonyms() -> Synonyms:
    """The table of this release."""
    groups: Sequence[Sequence[str]] = tomllib.loads(_DATA.read_text(encoding="utf-8"))["groups"]
    return Synonyms(tuple(tuple(group) for group in groups))
