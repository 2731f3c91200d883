"""What was typed, cut into the words that must all be found, each with what else counts as it. Pure.

A word is found where it stands in a text, where one of its synonyms stands, or where the text is read aloud like it:
`cehui` and `chdx` are no words of a text, but ways to type 测绘大学.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from market.search.spelling import Spelling, spellings_of
from market.search.synonyms import Synonyms, no_synonyms

LONGEST: Final = 80  # characters of a query that count
MOST_WORDS: Final = 6
# Traditional characters, each with the simplified one behind it: of ICU's transform Hant-Hans those whose left side GB 2312
# does not have (乾, 著 are simplified characters as well), and 後 徵 於; 諮 is 咨.
_TRADITIONAL: Final = (Path(__file__).parent / "data" / "traditional.txt").read_text(encoding="utf-8").replace("\n", "")
# Full-width letters become plain ones; what no text can hold becomes a space; marks without width, as copied from pages, go.
_PLAIN: Final = {
    **dict(zip(map(ord, _TRADITIONAL[::2]), _TRADITIONAL[1::2], strict=True)),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF]),
    **dict.fromkeys([*range(32), 0x7F, 0x3000, *range(0xD800, 0xE000)], " "),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}
_SEARCHABLE: Final = re.compile(r"[a-z0-9\u3400-\u9fff\uf900-\ufaff]")
# What people put around and between words; / . - & stand in codes and names.
_BETWEEN: Final = re.compile(r"""[\s"“”„‘「」『』《》〈〉【】〔〕()\[\]{}<>、。·…,;:!?+|*=~^]+""")
_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")


def folded(text: str) -> str:
    """Small letters, plain width, simplified characters, no control characters: how texts and queries are compared."""
    return text.translate(_PLAIN).lower()


def words_of(text: str) -> tuple[str, ...]:
    """The words between spaces, quotes, brackets and points, folded, each once; only those with something in them that can
    be searched for."""
    parts = (part.strip("'-") for part in _BETWEEN.split(folded(text[: LONGEST * 4])[:LONGEST].replace("’", "'")))
    return tuple(dict.fromkeys(part for part in parts if _SEARCHABLE.search(part)))[:MOST_WORDS]


@dataclass(frozen=True)
class Wanted:
    """A word that must be found: as one of `texts` (itself first, then its synonyms) or read aloud like `spellings`."""

    texts: tuple[str, ...]
    spellings: tuple[Spelling, ...] = ()


def question(text: str, synonyms: Synonyms = no_synonyms, *, typing: bool = False) -> tuple[Wanted, ...]:
    """Everything that must be found for this text; () where it holds nothing to search for. `typing`: it may still
    become longer."""
    return tuple(Wanted((word, *synonyms.of(word)), spellings_of(word, typing=typing)) for word in words_of(text))


def runs_of(text: str) -> list[str]:
    """What of a folded text can be searched for: runs of Chinese characters, and of letters and digits."""
    return _RUN.findall(text)


def pairs_of(run: str) -> list[str]:
    """Neighbouring characters; [] for a lone one."""
    return [run[place : place + 2] for place in range(len(run) - 1)]


def terms_of(word: str) -> tuple[str, ...]:
    """What an index of neighbouring characters (SQL function cjk_terms) holds of the word, in the language of tsquery:
    letters, digits and Chinese characters only. All must be there; where `exact` is false that is not yet enough."""
    runs = runs_of(word)
    # In front of something else a lone letter may be the end of a longer word.
    telling = [run for run in runs if not (len(run) == 1 and run.isascii() and len(runs) > 1)] or runs
    return tuple(dict.fromkeys(term for run in telling for term in _terms(run)))


def _terms(run: str) -> list[str]:
    if run.isascii() or len(run) == 1:
        return [f"'{run}':*"]
    return [f"'{pair}'" for pair in pairs_of(run)]


def terms_in(text: str) -> list[str]:
    """The terms of a folded text, as SQL function cjk_terms makes them: neighbouring characters with the last of each run
    alone, and whole words of letters and digits as far as a query can name them."""
    found: dict[str, None] = {}
    for run in runs_of(text):
        found |= dict.fromkeys([run[:LONGEST]] if run.isascii() else [*pairs_of(run), run[-1]])
    return list(found)


def exact(word: str) -> bool:
    """Do the terms of the word already say that it stands there? Else the text itself must be looked at."""
    return _RUN.fullmatch(word) is not None and (word.isascii() or len(word) <= 2)
