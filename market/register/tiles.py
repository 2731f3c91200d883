"""Tiles: how a Merkle log is cut into files that never change (C2SP tlog-tiles), and which of them hold a hash. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from market.register.merkle import Node, complete_hash

WIDTH = 256
HEIGHT = 8
HIGHEST = 7
_PLAIN = re.compile(
    r"(?P<level>0|[1-9][0-9]?|entries)/(?P<no>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True)
class Tile:
    """`level`: None for a bundle of entries; `width`: hashes (or entries) in it, 256 when it is full."""

    level: int | None
    no: int
    width: int

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def first(self) -> int:
        """The number of its first hash at its level; of a bundle, of its first leaf."""
        return self.no * WIDTH

    @property
    def path(self) -> str:
        level = "entries" if self.level is None else str(self.level)
        return f"{level}/{_number_path(self.no)}" + ("" if self.full else f".p/{self.width}")

    def stands(self, size: int) -> bool:
        """Whether a log of that many leaves has all of it."""
        return self.first + self.width <= size >> (HEIGHT * (self.level or 0))


def _number_path(number: int) -> str:
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> Tile | None:
    """None for whatever is not the one spelling of a tile's path."""
    found = _PLAIN.fullmatch(path)
    if found is None or len(path) > 60:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    tile = Tile(level, int(found["no"].replace("x", "").replace("/", "")), int(found["width"] or WIDTH))
    return tile if (level or 0) <= HIGHEST and tile.path == path else None


@dataclass(frozen=True)
class Span:
    """Neighbouring hashes of one tile level: from `first` to `last`, both included. Level 0 holds the leaves."""

    level: int
    first: int
    last: int


def span_of(node: Node) -> Span:
    """The stored hashes from which the hash of a complete subtree follows."""
    level, number = node
    tile_level, above = divmod(level, HEIGHT)
    return Span(tile_level, number << above, ((number + 1) << above) - 1)


def spans_of(nodes: Iterable[Node]) -> list[Span]:
    """The same for many, neighbours joined: so many different spans have to be read."""
    joined: list[Span] = []
    for span in sorted({span_of(node) for node in nodes}, key=lambda one: (one.level, one.first, -one.last)):
        last = joined[-1] if joined else None
        if last and last.level == span.level and span.first <= last.last + 1:
            joined[-1] = Span(last.level, last.first, max(last.last, span.last))
        else:
            joined.append(span)
    return joined


def node_hashes(nodes: Sequence[Node], read: Mapping[Span, bytes]) -> dict[Node, bytes]:
    """`read`: for each of `spans_of(nodes)` its hashes, one after the other. Raises LookupError where some are missing."""
    return {node: complete_hash(_hashes(span_of(node), read)) for node in nodes}


def _hashes(wanted: Span, read: Mapping[Span, bytes]) -> list[bytes]:
    for span, data in read.items():
        if span.level == wanted.level and span.first <= wanted.first and wanted.last <= span.last:
            start, end = (wanted.first - span.first) * 32, (wanted.last + 1 - span.first) * 32
            if end > len(data):
                break
            return [data[place : place + 32] for place in range(start, end, 32)]
    raise LookupError(f"the log lacks hashes {wanted.first} to {wanted.last} of level {wanted.level}")


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries with their length before each, two bytes, as tlog-tiles serves them."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
