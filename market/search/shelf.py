"""Searching a few hundred documents in memory, by the same rules as the engines: service items, rules, pages of help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from market.search.interface import Document
from market.search.reading import reading_of
from market.search.spelling import Reading, Spelling
from market.search.words import Wanted, folded


@dataclass(frozen=True)
class _Line:
    document: Document
    fields: tuple[str, str, str]
    everything: str


class Shelf:
    """Documents that change with a release or a published version only: whoever holds one knows when to make another."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._lines = tuple(_line(document) for document in documents)

    def find(self, wanted: Sequence[Wanted]) -> list[Document]:
        """All in which every word is found, best first; [] where nothing is wanted."""
        if not wanted:
            return []
        ranked = [(self._rank(place, wanted), place) for place in range(len(self._lines))]
        found = [(rank, place) for rank, place in ranked if rank is not None]
        return [self._lines[place].document for _, place in sorted(found, key=lambda one: (-one[0], one[1]))]

    def _rank(self, place: int, wanted: Sequence[Wanted]) -> int | None:
        total = 0
        for one in wanted:
            rank = self._rank_of(place, one)
            if rank is None:
                return None
            total += rank
        return total

    def _rank_of(self, place: int, one: Wanted) -> int | None:
        """As in PostgreSQL: 6, 4, 2 for title, service and company; read aloud it counts by a half."""
        line = self._lines[place]
        weights = [6 - 2 * no for no, field in enumerate(line.fields) if any(text in field for text in one.texts)]
        weights += [3 - no for no in range(3) if any(self._read(place, no, spelling) for spelling in one.spellings)]
        if weights:
            return sum(weights)
        return 0 if any(text in line.everything for text in one.texts) else None

    def _read(self, place: int, no: int, spelling: Spelling) -> bool:
        return self._readings[place][no].says(spelling)

    @cached_property
    def _readings(self) -> tuple[tuple[Reading, ...], ...]:
        """Made when somebody first types letters: reading all of it takes a moment."""
        return tuple(tuple(reading_of(field) for field in line.fields) for line in self._lines)


def _line(document: Document) -> _Line:
    fields = (folded(document.title), folded(document.service), folded(document.company))
    return _Line(document, fields, "\n".join((*fields, folded(document.code), folded(document.body))))
