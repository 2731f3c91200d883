"""How Chinese is read aloud: pypinyin knows the readings, rjieba where a word ends (银行 yinhang, 行政 xingzheng).

Both are loaded when the first text is read: a process that only searches needs neither (docs/adr/0071-one-search.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from market.search.spelling import Reading, Spelling, reading_from
from market.search.words import folded

_DATA: Final = Path(__file__).parent / "data" / "readings.toml"
_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_SYLLABLE: Final = re.compile(r"[a-z]+")


@lru_cache(maxsize=8192)
def reading_of(text: str) -> Reading:
    """Every unbroken run of Chinese characters, syllable by syllable without tones, ü as v."""
    return reading_from([_syllables(run) for run in _RUN.findall(text)])


@lru_cache(maxsize=8192)
def _syllables(run: str) -> list[str]:
    cut, read = _loaded()
    return [one for one in read(cut(run)) if _SYLLABLE.fullmatch(one)]


@cache
def _loaded() -> tuple[Callable[[str], list[str]], Callable[[list[str]], list[str]]]:
    import rjieba
    from pypinyin import lazy_pinyin, load_phrases_dict

    phrases = tomllib.loads(_DATA.read_text(encoding="utf-8"))["phrases"]
    load_phrases_dict({phrase: [[syllable] for syllable in said.split()] for phrase, said in phrases.items()})
    own = re.compile("(" + "|".join(sorted(map(re.escape, phrases), key=len, reverse=True)) + ")")

    def cut(run: str) -> list[str]:
        # A phrase of ours is one word, whatever the dictionary of words makes of it.
        return [word for part in own.split(run) for word in ([part] if part in phrases else rjieba.cut(part))]

    return cut, lazy_pinyin


def spelt_in(text: str, spelling: Spelling) -> set[str]:
    """The Chinese characters of the text that are read like the spelling, folded: 测绘 for `cehui`, to be marked in a hit."""
    found: set[str] = set()
    text = folded(text)
    if not reading_of(text).says(spelling):
        return found
    for run in _RUN.findall(text):
        syllables = _syllables(run)
        if len(syllables) == len(run):  # else nobody knows which character says what
            found |= {run[place : place + len(spelling.parts)] for place in _places(syllables, spelling)}
    return found


def _places(syllables: list[str], spelling: Spelling) -> list[int]:
    length = len(spelling.parts)
    whole, begun = spelling.parts[:-1], spelling.parts[-1]
    if spelling.way == "initials":
        initials = "".join(one[0] for one in syllables)
        return [place for place in range(len(initials)) if initials.startswith("".join(spelling.parts), place)]
    return [
        place
        for place in range(len(syllables) - length + 1)
        if tuple(syllables[place : place + length - 1]) == whole and syllables[place + length - 1].startswith(begun)
    ]
