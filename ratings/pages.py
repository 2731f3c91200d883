"""One page of a list that is asked for by number; whoever asks for one behind the last gets the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

One = TypeVar("One")


@dataclass(frozen=True)
class Page(Generic[One]):
    rows: tuple[One, ...]
    no: int
    pages: int


@dataclass(frozen=True)
class Cut:
    """Where page `no` of so many rows lies."""

    no: int
    pages: int
    size: int

    @property
    def offset(self) -> int:
        return (self.no - 1) * self.size


def cut(asked: int, *, count: int, size: int) -> Cut:
    pages = max(-(-count // size), 1)
    return Cut(min(max(asked, 1), pages), pages, size)
