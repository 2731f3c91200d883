"""Searching a few hundred documents in memory, by the same rules as the engines: service items, rules, pages of help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from market.search.interface import Document
from market.search.reading import reading_of
from market.search.spelling import Reading
from market.search.words import Wanted, folded

MOST_ANSWERS: Final = 1000


@dataclass(frozen=True)
class _Line:
    document: Document
    fields: tuple[str, str, str]
    everything: str


class Shelf:
    """Documents that change with a release or a published version only: whoever holds one knows when to make another."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._lines = tuple(_line(document) for document in documents)
        self._answers: dict[tuple[Wanted, ...], list[Document]] = {}

    def find(self, wanted: Sequence[Wanted]) -> list[Document]:
        """All in which every word is found, best first; [] where nothing is wanted. Whoever turns pages or takes filters
        asks the same again."""
        if not wanted:
            return []
        asked = tuple(wanted)
        known = self._answers.get(asked)
        if known is None:
            known = self._find(asked)
            if len(self._answers) >= MOST_ANSWERS:
                del self._answers[next(iter(self._answers))]
            self._answers[asked] = known
        return known

    def _find(self, wanted: Sequence[Wanted]) -> list[Document]:
        places = list(range(len(self._lines)))
        for one in wanted:
            places = [place for place in places if self._has(place, one)]
        ranked = [(-sum(self._rank_of(place, one) for one in wanted), place) for place in places]
        return [self._lines[place].document for _, place in sorted(ranked)]

    def _has(self, place: int, one: Wanted) -> bool:
        everything = self._lines[place].everything
        if any(text in everything for text in one.texts):
            return True
        return bool(one.spellings) and any(
            spelling.run in (self._aloud[place] if spelling.way == "syllables" else self._initials[place])
            for spelling in one.spellings
        )

    def _rank_of(self, place: int, one: Wanted) -> int:
        """As in PostgreSQL: 6, 4 or 2 for title, service or company; read aloud it counts by a half."""
        fields = self._lines[place].fields
        weights = [6 - 2 * no for no, field in enumerate(fields) if any(text in field for text in one.texts)]
        if one.spellings:
            read = self._readings[place]
            weights += [3 - no for no in range(3) if any(read[no].says(spelling) for spelling in one.spellings)]
        return max(weights, default=0)

    @cached_property
    def _readings(self) -> tuple[tuple[Reading, ...], ...]:
        """Made when somebody first types letters: reading all of it takes a moment."""
        return tuple(tuple(reading_of(field) for field in line.fields) for line in self._lines)

    @cached_property
    def _aloud(self) -> tuple[str, ...]:
        return tuple(";".join(one.syllables for one in read) for read in self._readings)

    @cached_property
    def _initials(self) -> tuple[str, ...]:
        return tuple(";".join(one.initials for one in read) for read in self._readings)


def _line(document: Document) -> _Line:
    fields = (folded(document.title), folded(document.service), folded(document.company))
    return _Line(document, fields, "\n".join((*fields, folded(document.code), folded(document.body))))
