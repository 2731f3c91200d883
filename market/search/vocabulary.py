"""What somebody may have meant: words of the trade that are read like what was typed, or nearly so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from market.search.reading import reading_of
from market.search.spelling import SYLLABLES, Reading, Spelling, spellings_of

NEAR: Final = 0.8  # how much of the letters must agree, as difflib counts it
FEW: Final = 4
MOST_ANSWERS: Final = 2000


class Vocabulary:
    """`words`: Chinese words of two characters and more; earlier ones are proposed first."""

    def __init__(self, words: Iterable[str]) -> None:
        self._readings: dict[str, Reading] = {word: reading_of(word) for word in dict.fromkeys(words) if len(word) > 1}
        self._answers: dict[str, list[str]] = {}
        self._read_alike: defaultdict[str, list[str]] = defaultdict(list)
        for word, reading in self._readings.items():
            self._read_alike[_letters(reading)].append(word)

    def near(self, typed: str) -> Sequence[str]:
        """For one word of a query: what is spelt so, sounds so, or differs by a slip. Never the word itself."""
        known = self._answers.get(typed)
        if known is None:
            known = self._near(typed)
            if len(self._answers) < MOST_ANSWERS:  # then everybody's usual words are among them
                self._answers[typed] = known
        return known

    def _near(self, typed: str) -> list[str]:
        found = self._spelt(typed) if typed.isascii() else []
        letters = "".join(sign for sign in typed if sign.isalpha()) if typed.isascii() else _letters(reading_of(typed))
        found += self._read_alike.get(letters, [])
        if len(letters) > 3 and not found:
            for near in get_close_matches(letters, self._read_alike, n=FEW, cutoff=NEAR):
                found += self._read_alike[near]
        return [word for word in dict.fromkeys(found) if word != typed][:FEW]

    def _spelt(self, typed: str) -> list[str]:
        """Whole words first: 测绘 before 测绘航空摄影; and for ch 测绘 before 产业, whose sound is only begun."""
        ways = sorted(spellings_of(typed, typing=True), key=_begun)
        fits = {
            word: _begun(way)
            for word, reading in self._readings.items()
            if (way := next((way for way in ways if _begins(reading, way.run)), None)) is not None
        }
        return sorted(fits, key=lambda word: (fits[word], len(word)))


def _begins(reading: Reading, run: str) -> bool:
    return reading.syllables.startswith(run) or reading.initials.startswith(run)


def _begun(way: Spelling) -> bool:
    return way.way == "syllables" and way.parts[-1] not in SYLLABLES


def _letters(reading: Reading) -> str:
    return reading.syllables.replace(" ", "").replace("|", "")
