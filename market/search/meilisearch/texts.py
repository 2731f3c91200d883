"""What the server's own cutting of Chinese would not find: words inside longer words, and readings. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

from market.search.spelling import Reading

_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
WORD: Final = 2


def hidden_words(text: str) -> str:
    """Every word of two characters that stands in the text and that the server may not take for one: it cuts by a
    dictionary, so 监理 is lost in 总监理 (cut 总监 and 理) and 处理 in 待处理 (one word). Each once, in order, with spaces."""
    cut, known = _dictionary()
    found: dict[str, None] = {}
    for run in _RUN.findall(text):
        found |= dict.fromkeys(_hidden(run, cut(run), known))
    return " ".join(found)


def _hidden(run: str, words: Iterable[str], known: Callable[[str], bool]) -> Iterator[str]:
    certain = set(_places(words))
    for place in range(len(run) - WORD + 1):
        if place not in certain and known(run[place : place + WORD]):
            yield run[place : place + WORD]


def _places(words: Iterable[str]) -> Iterator[int]:
    """Where words of exactly two characters begin: those stay whole in every version of the server."""
    place = 0
    for word in words:
        if len(word) == WORD:
            yield place
        place += len(word)


@cache
def _dictionary() -> tuple[Callable[[str], list[str]], Callable[[str], bool]]:
    import rjieba  # (5 MB of words: only where documents are made)

    return (lambda run: rjieba.cut(run, False)), rjieba.has_word


def spoken(reading: Reading) -> list[str]:
    """The reading as words that a quoted phrase can look for: `ce hui` for syllables, `c h` for initials. Parts of a
    list stand apart, so that no phrase reaches over the end of one."""
    syllables = [run.strip() for run in reading.syllables.split("|") if run]
    initials = [" ".join(run) for run in reading.initials.split("|") if run]
    return [*syllables, *initials]
