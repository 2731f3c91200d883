"""Texts, words of a question and readings as the server is given them: in pieces that it has no choice how to cut (docs/adr/0082).
Pure.

It cuts Chinese by a dictionary, and the same characters differently in another sentence. Two neighbouring characters between
spaces it cuts the same way every time, so a row of such pairs is found wherever the characters stand.
"""

from __future__ import annotations

from typing import Final

from market.search.spelling import Reading, Spelling, spellings_of
from market.search.synonyms import Synonyms
from market.search.words import LONGEST, folded, pairs_of, runs_of

MOST_SYLLABLES: Final = 4
MOST_INITIALS: Final = 6
_SOUNDS: Final = frozenset("aeo")  # without one of them letters are no syllable


def written(text: str) -> str:
    """`GB/T 污水处理` as "gb t 污水 水处 处理"; a lone character stays alone."""
    return " ".join(piece for run in runs_of(folded(text)) for piece in _pieces(run))


def _pieces(run: str) -> list[str]:
    if run.isascii():
        return [run[:LONGEST]]
    return pairs_of(run) if len(run) > 1 else [run]


def field_of(text: str, words: Synonyms) -> list[str]:
    """The text, and apart from it what else its words are called: the server puts synonyms in for up to three words in a row
    only, and for none in quotes."""
    said = folded(text)
    others = dict.fromkeys(
        other for group in words.groups if any(word in said for word in group) for other in group if other not in said
    )
    return [written(one) for one in (said, *others)]


def spoken(reading: Reading) -> str:
    """Every word of letters that may be typed for a part of the reading: hui, cehui, dixingcehui, and dxch, ch."""
    found: dict[str, None] = {}
    for run in reading.syllables.split("|"):
        syllables = run.split()
        found |= dict.fromkeys(_parts(syllables, 1, MOST_SYLLABLES))
        initials = [one[0] for one in syllables]
        found |= dict.fromkeys(one for one in _parts(initials, 2, MOST_INITIALS) if _are_initials(one))
    return " ".join(found)


def _parts(row: list[str], least: int, most: int) -> list[str]:
    return [
        "".join(row[start:end])
        for start in range(len(row))
        for end in range(start + least, min(start + most, len(row)) + 1)
    ]


def _are_initials(letters: str) -> bool:
    """Not those that are typed for syllables."""
    return not _SOUNDS & set(letters) or any(one.way == "initials" for one in spellings_of(letters))


def is_spoken(spelling: Spelling) -> bool:
    """Is it short enough to be among the words of `spoken`?"""
    return len(spelling.parts) <= (MOST_SYLLABLES if spelling.way == "syllables" else MOST_INITIALS)
