"""The whole log as it stands in the database, for tests to compare."""

from __future__ import annotations

from market.kernel.db import fetch, fetch_value
from market.register.log import keys
from market.register.merkle import EMPTY_ROOT
from market.register.notes import Checkpoint, parse_note, verify
from market.register.queries import entry_of
from tests.register import naive


async def leaves() -> list[bytes]:
    """Entries in leaf order; fails where leaf numbers have gaps."""
    rows = await fetch(
        "SELECT l.leaf, e.* FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id ORDER BY l.leaf"
    )
    assert [row.pop("leaf") for row in rows] == list(range(len(rows)))
    return [entry_of(row).canonical() for row in rows]


async def check_log() -> int:
    """Every signed checkpoint is that of the leaves up to there, each entry is one leaf or waits; returns the size."""
    held = await leaves()
    known = [view.key for view in await keys()]
    rows = await fetch("SELECT size, root, note FROM register_checkpoint ORDER BY size")
    for row in rows:
        note = parse_note(row["note"])
        assert verify(note, known)
        assert Checkpoint.parse(note.text) == Checkpoint(known[0].name, row["size"], row["root"])
        assert row["root"] == naive.root(held[: row["size"]])
    assert (rows[-1]["size"] if rows else 0) == len(held)
    assert naive.root([]) == EMPTY_ROOT
    waiting = await fetch_value("SELECT count(*) FROM register_waiting")
    assert await fetch_value("SELECT count(*) FROM register_entry") == len(held) + waiting
    return len(held)
