"""Proofs as files: everything that is needed to check an entry, or that nothing was rewritten, without asking again.

Each has exactly one spelling (RFC 8785), so that no byte of it can be changed unnoticed. `verifier.py` reads them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from market.kernel.errors import NotFound
from market.register import log, queries
from market.register.canonical import canonical
from market.register.log import SignedCheckpoint
from market.register.merkle import ProofInvalid, check_inclusion, leaf_hash
from market.register.notes import parse_note
from market.register.queries import Entry

INCLUSION = "mingxuan-register-inclusion/1"
CONSISTENCY = "mingxuan-register-consistency/1"


@dataclass(frozen=True)
class Placed:
    """Where an entry stands in the log. `proved`: its bytes, computed again just now, lead to the root that was signed."""

    leaf: int
    checkpoint: SignedCheckpoint
    proved: bool

    @property
    def cosigned(self) -> int:
        return len(self.checkpoint.cosigned)


class NotSequenced(Exception):
    """The entry was recorded a moment ago and has no leaf yet."""


async def inclusion_proof(entry_id: UUID, size: int | None = None) -> bytes:
    """For the newest checkpoint, or the one of that size. Raises NotFound, NotSequenced."""
    entry = await queries.entry(entry_id)
    index, signed = await _place(entry_id, size)
    body: dict[str, Any] = {
        "format": INCLUSION, "entry": entry.canonical().decode(), "index": index,
        "path": [part.hex() for part in await log.inclusion(index, signed.size)],
    }  # fmt: skip
    if entry.stands_by_digest:
        body["data"] = canonical(entry.data).decode()
    return canonical(body | await _signed(signed))


async def placed(entry: Entry) -> Placed | None:
    """None while the entry waits for its leaf."""
    try:
        index, signed = await _place(entry.id, None)
    except NotSequenced:
        return None
    try:
        path = await log.inclusion(index, signed.size)
        check_inclusion(leaf_hash(entry.canonical()), index, signed.size, path, signed.root)
    except (ProofInvalid, LookupError):
        return Placed(index, signed, proved=False)
    return Placed(index, signed, proved=True)


async def tlog_proof(entry_id: UUID) -> str:
    """The same in the form of C2SP tlog-proof, for tools that know it."""
    index, signed = await _place(entry_id, None)
    path = await log.inclusion(index, signed.size)
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(part).decode() for part in path)]
    return "\n".join(lines) + "\n\n" + signed.text


async def consistency_proof(old: int, new: int) -> bytes:
    """Raises ProofInvalid where nothing can be proved (from size 0, backwards), NotFound beyond what is signed."""
    path = await log.consistency(old, new) if new <= await _newest_size() else None
    signed = await log.checkpoint(new)
    if path is None or signed is None:
        raise NotFound
    body = {"format": CONSISTENCY, "from": old, "to": new, "path": [part.hex() for part in path]}
    return canonical(body | await _signed(signed))


async def _newest_size() -> int:
    newest = await log.checkpoint()
    return newest.size if newest else 0


async def _place(entry_id: UUID, size: int | None) -> tuple[int, SignedCheckpoint]:
    index = await log.leaf_of(entry_id)
    signed = await log.checkpoint(size)
    if index is None:
        await queries.entry(entry_id)
        raise NotSequenced
    if signed is None or signed.size <= index:
        raise NotFound
    return index, signed


async def _signed(signed: SignedCheckpoint) -> dict[str, Any]:
    """The checkpoint with all that is needed to believe it: the register's keys and those of its witnesses."""
    views = await log.keys()
    lines = {(one.name, one.key_id) for one in parse_note(signed.text).signatures}
    witnesses = [view.key.text for view in await log.witnesses() if (view.key.name, view.key.id) in lines]
    return {
        "checkpoint": signed.text, "keys": [view.key.text for view in views],
        "successions": [view.note for view in views[1:]], "witnesses": witnesses,
    }  # fmt: skip
