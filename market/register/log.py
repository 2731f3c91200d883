"""Reading the log: checkpoints, hashes, tiles, proofs. Everything here rests on rows that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.register.merkle import (
    Edge,
    Node,
    consistency_ranges,
    cover,
    fold,
    inclusion_ranges,
)
from market.register.notes import Note, VerifierKey, parse_note
from market.register.queries import Entry, entry_of
from market.register.tiles import Span, Tile, bundle, node_hashes, spans_of

_HASHES = """
SELECT s.place, CASE WHEN s.level = 0
    THEN (SELECT string_agg(leaf_hash, ''::bytea ORDER BY leaf) FROM register_leaf WHERE leaf BETWEEN s.first AND s.last)
    ELSE (SELECT string_agg(hash, ''::bytea ORDER BY no) FROM register_subtree
          WHERE level = s.level AND no BETWEEN s.first AND s.last) END AS hashes
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s(level, first, last, place) ORDER BY s.place
"""


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint as it is served: what the register signed, with the cosignatures that came in since."""

    size: int
    root: bytes
    signed: Note
    signed_at: datetime
    cosigned: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return str(self.signed) + "".join(self.cosigned)


async def checkpoint(size: int | None = None) -> SignedCheckpoint | None:
    """The newest, or the one of that size; None where nothing was signed."""
    row = await fetch_one(
        "SELECT c.size, c.root, c.note, c.signed_at,"
        " ARRAY(SELECT s.line FROM register_cosignature s WHERE s.size = c.size ORDER BY s.cosigned_at, s.id) AS lines"
        " FROM register_checkpoint c WHERE $1::bigint IS NULL OR c.size = $1 ORDER BY c.size DESC LIMIT 1",
        size,
    )
    if row is None:
        return None
    return SignedCheckpoint(row["size"], row["root"], parse_note(row["note"]), row["signed_at"], tuple(row["lines"]))


async def hashes_of(spans: Sequence[Span]) -> dict[Span, bytes]:
    """For each span its hashes, one after the other; fewer than asked for where the log has fewer."""
    rows = await fetch(
        _HASHES, [span.level for span in spans], [span.first for span in spans], [span.last for span in spans]
    )
    return {span: row["hashes"] or b"" for span, row in zip(spans, rows, strict=True)}


async def nodes_of(nodes: Sequence[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees, in one query. Raises LookupError where the log does not have them."""
    return node_hashes(nodes, await hashes_of(spans_of(nodes))) if nodes else {}


async def edge_at(size: int) -> Edge:
    """The right edge of the log as it was at that size."""
    nodes = cover(0, size)
    found = await nodes_of(nodes)
    return Edge(size, [found[node] for node in nodes])


async def _ranges(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    covers = [cover(start, end) for start, end in ranges]
    found = await nodes_of([node for nodes in covers for node in nodes])
    return [fold([found[node] for node in nodes]) for nodes in covers]


async def inclusion(index: int, size: int) -> list[bytes]:
    """The path from a leaf to the root of the log at that size. Raises ProofInvalid outside of it."""
    return await _ranges(inclusion_ranges(index, size))


async def consistency(old: int, new: int) -> list[bytes]:
    """Proof that the log at `old` is the beginning of the log at `new`. Raises ProofInvalid where there is none."""
    return await _ranges(consistency_ranges(old, new))


async def leaf_of(entry_id: UUID) -> int | None:
    """Which leaf an entry is; None as long as it waits."""
    leaf: int | None = await fetch_value("SELECT leaf FROM register_leaf WHERE entry_id = $1", entry_id)
    return leaf


async def entries_from(leaf: int, limit: int) -> list[tuple[int, Entry]]:
    """Entries in the order of the log."""
    rows = await fetch(
        "SELECT l.leaf, e.* FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id"
        " WHERE l.leaf >= $1 AND l.leaf < $2 ORDER BY l.leaf",
        leaf, leaf + limit,
    )  # fmt: skip
    return [(row.pop("leaf"), entry_of(row)) for row in rows]


async def tile_content(tile: Tile) -> bytes:
    """Raises NotFound for what the signed log does not have in full."""
    size: int | None = await fetch_value("SELECT max(size) FROM register_checkpoint")
    if not tile.stands(size or 0):
        raise NotFound
    if tile.level is None:
        return bundle([entry.canonical() for _, entry in await entries_from(tile.first, tile.width)])
    span = Span(tile.level, tile.first, tile.first + tile.width - 1)
    return (await hashes_of([span]))[span]


@dataclass(frozen=True)
class Waiting:
    """Entries that have no leaf yet, and since when."""

    count: int
    since: datetime | None


async def waiting() -> Waiting:
    row: dict[str, Any] | None = await fetch_one(
        "SELECT count(*) AS count, min(e.at) AS since FROM register_waiting w JOIN register_entry e ON e.written = w.written"
    )
    return Waiting(row["count"], row["since"]) if row else Waiting(0, None)


@dataclass(frozen=True)
class RegisterKeyView:
    """`entry_id`, `note`: the entry that introduced it, and what its predecessor and it signed there."""

    no: int
    key: VerifierKey
    since: datetime
    entry_id: UUID | None
    note: str | None


async def keys() -> list[RegisterKeyView]:
    """The register's keys from the first to the one that signs now."""
    rows = await fetch(
        "SELECT k.no, k.vkey, k.since, k.entry_id, e.data ->> 'note' AS note FROM register_key k"
        " LEFT JOIN register_entry e ON e.id = k.entry_id ORDER BY k.no"
    )
    return [
        RegisterKeyView(row["no"], VerifierKey.parse(row["vkey"]), row["since"], row["entry_id"], row["note"])
        for row in rows
    ]


@dataclass(frozen=True)
class WitnessView:
    id: UUID
    key: VerifierKey
    title: str
    size: int | None
    cosigned_at: datetime | None


async def witnesses() -> list[WitnessView]:
    """Who cosigns, with the newest that each of them has seen."""
    rows = await fetch(
        "SELECT w.id, w.vkey, w.title, s.size, s.cosigned_at FROM register_witness w LEFT JOIN LATERAL"
        " (SELECT size, cosigned_at FROM register_cosignature WHERE witness_id = w.id ORDER BY size DESC LIMIT 1) s ON true"
        " ORDER BY w.added_at, w.id"
    )
    return [
        WitnessView(row["id"], VerifierKey.parse(row["vkey"]), row["title"], row["size"], row["cosigned_at"])
        for row in rows
    ]
