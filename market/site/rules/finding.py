"""Words searched for, found again in texts: what to mark, and which part of a long text to show. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from market.search.words import folded


@dataclass(frozen=True)
class Mark:
    """A part of a text; `hit` where it is one of the words searched for."""

    text: str
    hit: bool = False


def marked(text: str, pieces: Sequence[str]) -> tuple[Mark, ...]:
    """The text cut at every place where one of the pieces, folded, stands in it as a search sees it."""
    if not pieces or not text:
        return (Mark(text),) if text else ()
    parts: list[Mark] = []
    end = 0
    for match in _pattern(tuple(pieces)).finditer(_as_searched(text)):
        parts += [Mark(text[end : match.start()]), Mark(text[match.start() : match.end()], hit=True)]
        end = match.end()
    return tuple(part for part in [*parts, Mark(text[end:])] if part.text)


def _as_searched(text: str) -> str:
    """Sign for sign: what folds to two signs or to none stays as it is."""
    said = folded(text)
    if len(said) == len(text):
        return said
    return "".join(small if len(small := folded(sign)) == 1 else sign for sign in text)


@lru_cache(maxsize=64)
def _pattern(pieces: tuple[str, ...]) -> re.Pattern[str]:
    """The longest first: a part of a word is no hit where the whole word is one."""
    return re.compile("|".join(re.escape(piece) for piece in sorted(pieces, key=len, reverse=True)))


def excerpt(text: str, pieces: Sequence[str], *, length: int = 110) -> tuple[Mark, ...]:
    """About `length` characters around the first hit, marked; "…" where something is left out."""
    flat = " ".join(text.split())
    hits = [place for piece in pieces if (place := _as_searched(flat).find(piece)) >= 0]
    start = max(min(hits, default=0) - length // 4, 0)
    if len(flat) <= length:
        start = 0
    end = start + length
    shown = ("…" if start else "") + flat[start:end].strip() + ("…" if end < len(flat) else "")
    return marked(shown, pieces)
