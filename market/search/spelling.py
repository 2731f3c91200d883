"""Chinese typed as letters: pinyin (`cehui`, and `ceh` on the way there) and initials (`chdx`). Pure.

Texts are indexed by pairs of neighbouring syllables and of neighbouring initials, as their characters are: so what is
found does not depend on where somebody thinks a word ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

MOST_PARSES: Final = 4
_LETTERS: Final = re.compile(r"[a-z]+(?:'[a-z]+)*")
_NO_INITIAL: Final = frozenset("iuv")
MOST_INITIALS: Final = 12
# Every syllable of Chinese without its tone, ü as v.
SYLLABLES: Final = frozenset((Path(__file__).parent / "data" / "syllables.txt").read_text(encoding="ascii").split())
_BEGINNINGS: Final = frozenset(one[:end] for one in SYLLABLES for end in range(1, len(one)))
_LONGEST: Final = 6


@dataclass(frozen=True)
class Spelling:
    """Syllables in order, the last perhaps only begun; or initials, one letter each."""

    way: Literal["syllables", "initials"]
    parts: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """In the language of tsquery; see `terms_of_reading`."""
        mark = "~" if self.way == "syllables" else "^"
        if len(self.parts) == 1:
            return (f"'{mark}{self.parts[0]}':*",)
        joint = " " if self.way == "syllables" else ""
        pairs = [f"'{mark}{a}{joint}{b}'" for a, b in pairwise(self.parts)]
        return (*pairs[:-1], f"{pairs[-1]}:*")

    @property
    def run(self) -> str:
        """What stands in `Reading.syllables` or `Reading.initials` where the spelling fits."""
        return " " + " ".join(self.parts) if self.way == "syllables" else "".join(self.parts)


@lru_cache(maxsize=1024)
def spellings_of(word: str, *, typing: bool = False) -> tuple[Spelling, ...]:
    """How the letters may be meant: as syllables in every way they can be cut, else as initials. () for what is no
    Chinese spelling. `'` parts syllables, as in xi'an. `typing`: the last syllable may be only begun (`ceh`), however
    little stands before it; else that would take BIM for 避免."""
    if len(word) < 2 or not _LETTERS.fullmatch(word):
        return ()
    parses = _parses(word.split("'"))
    whole = any(parts[-1] in SYLLABLES for parts in parses)
    meant = [parts for parts in parses if parts[-1] in SYLLABLES or typing or len(parts) > 2]
    found = [Spelling("syllables", parts) for parts in meant[:MOST_PARSES]]
    if not whole and len(word) <= MOST_INITIALS and not _NO_INITIAL.intersection(word) and "'" not in word:
        found.append(Spelling("initials", tuple(word)))
    return tuple(found)


def _parses(parted: list[str]) -> list[tuple[str, ...]]:
    """Fewest syllables first, whole ones before begun ones."""
    found: list[tuple[str, ...]] = [()]
    for place, part in enumerate(parted):
        last = place == len(parted) - 1
        found = [(*head, *tail) for head in found for tail in _cuts(part, last)][: MOST_PARSES * 4]
    return sorted(found, key=lambda parts: (parts[-1] not in SYLLABLES, len(parts)))


def _cuts(letters: str, last: bool) -> list[tuple[str, ...]]:
    ways: list[list[tuple[str, ...]]] = [[()], *([] for _ in letters)]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST), end):
            piece = letters[start:end]
            if piece in SYLLABLES or (last and end == len(letters) and piece in _BEGINNINGS):
                ways[end] += [(*head, piece) for head in ways[start]][: MOST_PARSES * 4]
    return ways[-1]


@dataclass(frozen=True)
class Reading:
    """A text read aloud: " di xing ce hui|gong cheng" and "dxch|gc"; "|" stands where something else is between."""

    syllables: str = ""
    initials: str = ""

    def says(self, spelling: Spelling) -> bool:
        return spelling.run in (self.syllables if spelling.way == "syllables" else self.initials)


def reading_from(runs: list[list[str]]) -> Reading:
    """Of the syllables of each unbroken run of Chinese characters."""
    told = [run for run in runs if run]
    return Reading(
        "|".join(" " + " ".join(run) for run in told), "|".join("".join(one[0] for one in run) for run in told)
    )


def terms_of_reading(reading: Reading) -> tuple[str, ...]:
    """What the index holds of a reading: "~ce hui" for neighbouring syllables, "^ch" for neighbouring initials, and the
    last of a run alone. The marks keep them apart from the words of the text."""
    syllables = [run.split() for run in reading.syllables.split("|") if run]
    initials = [list(run) for run in reading.initials.split("|") if run]
    found = [f"~{term}" for run in syllables for term in _pairs(run, " ")]
    found += [f"^{term}" for run in initials for term in _pairs(run, "")]
    return tuple(dict.fromkeys(found))


def _pairs(run: list[str], joint: str) -> list[str]:
    return [*(f"{a}{joint}{b}" for a, b in pairwise(run)), run[-1]]
