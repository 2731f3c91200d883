"""What somebody with full power over the database, and even over the signing key, could do to the register."""

from __future__ import annotations

from typing import Any

from market.kernel.db import execute, fetch, transaction
from market.register.keys import keys_in_force
from market.register.log import keys
from market.register.merkle import Edge, leaf_hash
from market.register.notes import Checkpoint, sign_note
from market.register.queries import entry_of
from market.register.tiles import HEIGHT


async def by_force(sql: str, *args: Any) -> int:
    """As a superuser with every trigger and foreign key switched off."""
    async with transaction():
        await execute("SET LOCAL session_replication_role = replica")
        return await execute(sql, *args)


async def rewrite_log() -> None:
    """After entries were changed: every hash, root and signature anew, so that the log agrees with itself."""
    key = keys_in_force().private((await keys())[-1].key)
    sizes = {row["size"] for row in await fetch("SELECT size FROM register_checkpoint")}
    rows = await fetch(
        "SELECT l.leaf, e.* FROM register_leaf l JOIN register_entry e ON e.id = l.entry_id ORDER BY l.leaf"
    )
    edge = Edge()
    for row in rows:
        leaf = row.pop("leaf")
        hash_ = leaf_hash(entry_of(row).canonical())
        await by_force("UPDATE register_leaf SET leaf_hash = $2 WHERE leaf = $1", leaf, hash_)
        for (level, no), above in edge.add(hash_):
            if level % HEIGHT == 0:
                await by_force(
                    "UPDATE register_subtree SET hash = $3 WHERE level = $1 AND no = $2", level // HEIGHT, no, above
                )
        if edge.size in sizes:
            note = sign_note(Checkpoint(key.verifier.name, edge.size, edge.root).text, key)
            await by_force(
                "UPDATE register_checkpoint SET root = $2, note = $3 WHERE size = $1", edge.size, edge.root, str(note)
            )


async def roll_back(size: int) -> None:
    """As if nothing had happened since a checkpoint: entries, leaves and all, as from an old backup."""
    for statement in (
        "DELETE FROM register_private USING register_leaf l WHERE register_private.entry_id = l.entry_id AND l.leaf >= $1",
        "DELETE FROM register_entry USING register_leaf l WHERE register_entry.id = l.entry_id AND l.leaf >= $1",
        "DELETE FROM register_leaf WHERE leaf >= $1", "DELETE FROM register_checkpoint WHERE size > $1",
        "DELETE FROM register_subtree WHERE (no + 1) << (8 * level::integer) > $1",
    ):  # fmt: skip
        await by_force(statement, size)
