"""The one sequencer: gives committed entries their leaves, in batches, and signs what the log is then.

Each batch is one transaction under one advisory lock: whatever happens in the middle of it has not happened, and of two
sequencers one finds nothing to do. An entry waits from the commit of its act until it has a leaf, so an act that
commits late comes late into the log, and is never passed over (docs/adr/0032-register-log.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from market.kernel.db import execute, execute_many, fetch, fetch_one, fetch_value, require_transaction, transaction
from market.register.keys import KeyFolder, keys_in_force
from market.register.log import edge_at
from market.register.merkle import Edge, leaf_hash
from market.register.notes import Checkpoint, SigningKey, VerifierKey, sign_note
from market.register.queries import Entry, entry_of
from market.register.tiles import HEIGHT

LOCK = 0x4D58_0011  # any number of ours; whoever extends the log holds it
BATCH = 1024
_WAITING = """
SELECT e.* FROM register_waiting w JOIN register_entry e ON e.written = w.written ORDER BY w.written LIMIT $1
"""


class LogBroken(Exception):
    """What is stored is not what was signed: nothing more is signed until somebody has looked at it."""


async def sequence(*, now: datetime, batch: int = BATCH) -> int:
    """Gives every waiting entry its leaf; returns how many got one. Raises KeyMissing, KeyFileUnsafe, LogBroken."""
    done = 0
    while await fetch_value("SELECT EXISTS (SELECT 1 FROM register_waiting)"):
        taken = await _sequence_batch(keys_in_force(), batch, now=now)
        if not taken:
            break
        done += taken
    return done


async def _sequence_batch(folder: KeyFolder, batch: int, *, now: datetime) -> int:
    async with transaction():
        if not await fetch_value("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            return 0
        return await extend([await signing_key(folder, now=now)], batch, now=now)


async def lock_log() -> None:
    """Waits for whoever extends the log and keeps others out until the transaction ends."""
    require_transaction()
    await fetch_value("SELECT pg_advisory_xact_lock($1)", LOCK)


async def signing_key(folder: KeyFolder, *, now: datetime) -> SigningKey:
    """The key that signs now. A register without any gets its first; later ones come by rotation only."""
    vkey = await fetch_value("SELECT vkey FROM register_key ORDER BY no DESC LIMIT 1")
    if vkey is not None:
        return folder.private(VerifierKey.parse(vkey))
    key = folder.first()
    await execute("INSERT INTO register_key (no, vkey, since) VALUES (1, $1, $2)", key.verifier.text, now)
    return key


async def extend(keys: Sequence[SigningKey], limit: int | None, *, now: datetime) -> int:
    """Takes up to `limit` waiting entries (None: all) into the log; the caller holds its lock. All `keys` sign."""
    require_transaction()
    rows = await fetch(_WAITING, limit)
    if not rows:
        return 0
    edge = await _trusted_edge()
    await _add(edge, [entry_of(row) for row in rows])
    await execute("DELETE FROM register_waiting WHERE written = ANY($1::bigint[])", [row["written"] for row in rows])
    await _sign(edge, keys, now=now)
    return len(rows)


async def _trusted_edge() -> Edge:
    """The edge of the log, if it is still the one that was signed."""
    last = await fetch_one("SELECT size, root FROM register_checkpoint ORDER BY size DESC LIMIT 1")
    size = last["size"] if last else 0
    leaves = await fetch_value("SELECT coalesce(max(leaf) + 1, 0) FROM register_leaf")
    try:
        edge = await edge_at(size)
    except LookupError as problem:
        raise LogBroken(str(problem)) from problem
    if leaves != size or (last and edge.root != last["root"]):
        raise LogBroken(f"the stored log does not have the root that was signed over its {size} leaves")
    return edge


async def _add(edge: Edge, entries: Sequence[Entry]) -> None:
    first = edge.size
    hashes = [leaf_hash(entry.canonical()) for entry in entries]
    await execute(
        "INSERT INTO register_leaf (leaf, entry_id, leaf_hash) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bytea[])",
        list(range(first, first + len(entries))), [entry.id for entry in entries], hashes,
    )  # fmt: skip
    completed = [pair for hash_ in hashes for pair in edge.add(hash_)]
    tiles = [(level // HEIGHT, no, hash_) for (level, no), hash_ in completed if level % HEIGHT == 0]
    if tiles:
        await execute_many("INSERT INTO register_subtree (level, no, hash) VALUES ($1, $2, $3)", tiles)


async def _sign(edge: Edge, keys: Sequence[SigningKey], *, now: datetime) -> None:
    checkpoint = Checkpoint(keys[-1].verifier.name, edge.size, edge.root)
    await execute(
        "INSERT INTO register_checkpoint (size, root, note, signed_at) VALUES ($1, $2, $3, $4)",
        edge.size, edge.root, str(sign_note(checkpoint.text, *keys)), now,
    )  # fmt: skip
