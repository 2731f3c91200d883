"""Chinese text search in PostgreSQL as SQL conditions: neighbouring characters as terms, the text itself to be sure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from market.search.words import LONGEST, exact, folded, terms_of

_MOST_PIECES = 8


@dataclass(frozen=True)
class TextQuery:
    """`terms`: for to_tsquery (letters, digits and Chinese characters only); `likes`: LIKE patterns, escaped."""

    terms: str
    likes: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not self.terms and not self.likes


def text_query(text: str) -> TextQuery:
    """Every piece between spaces must occur; a piece without letters or characters is looked for as it is."""
    pieces = folded(text[:LONGEST]).split()[:_MOST_PIECES]
    terms = [term for piece in pieces for term in terms_of(piece)]
    likes = [f"%{_escape(piece)}%" for piece in pieces if not exact(piece)]
    return TextQuery(" & ".join(dict.fromkeys(terms)), tuple(dict.fromkeys(likes)))


def _escape(piece: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", piece)
