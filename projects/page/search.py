"""Chinese text search in PostgreSQL as SQL conditions: neighbouring characters as terms, the text itself to be sure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")
_MOST_PIECES = 8
SEARCH_LENGTH = 80


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
    terms: list[str] = []
    likes: list[str] = []
    for piece in text.lower()[:SEARCH_LENGTH].split()[:_MOST_PIECES]:
        runs: list[str] = _RUN.findall(piece)
        terms += [term for run in runs for term in _terms(run)]
        if len(piece) > 2 or runs != [piece]:
            likes.append(f"%{_escape(piece)}%")
    return TextQuery(" & ".join(dict.fromkeys(terms)), tuple(dict.fromkeys(likes)))


def _terms(run: str) -> list[str]:
    if run.isascii():
        return [f"'{run}':*"]
    if len(run) == 1:
        return [f"'{run}':*"]
    return [f"'{run[place : place + 2]}'" for place in range(len(run) - 1)]


def _escape(piece: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", piece)
