"""A new key for the register: introduced by an entry that the old key has signed, and by a checkpoint that both sign."""

from __future__ import annotations

from datetime import datetime

from market.kernel.db import execute, fetch_one, transaction
from market.register.actions import record
from market.register.keys import KeyFolder, KeyMissing
from market.register.notes import SigningKey, VerifierKey
from market.register.sequencing import extend, lock_log
from market.register.succession import hand_over, replace_lost


class KeyNotLost(Exception):
    """A key that is here can introduce its successor, and so it must."""


async def rotate(folder: KeyFolder, *, lost: bool = False, now: datetime) -> VerifierKey:
    """The new key is in the folder before the database names it, so dying in between leaves the old one in force.
    `lost`: the old key cannot sign any more; whoever trusts it will refuse the new one until told otherwise.
    Raises KeyMissing, KeyFileUnsafe, KeyNotLost, LogBroken."""
    async with transaction():
        await lock_log()
        row = await fetch_one("SELECT no, vkey FROM register_key ORDER BY no DESC LIMIT 1")
        if row is None:
            raise KeyMissing("this register has not signed anything yet: there is no key to rotate")
        old = VerifierKey.parse(row["vkey"])
        return await _introduce(folder, old, row["no"] + 1, lost=lost, now=now)


async def _introduce(folder: KeyFolder, old: VerifierKey, no: int, *, lost: bool, now: datetime) -> VerifierKey:
    previous = _lost_key(folder, old) if lost else [folder.private(old)]
    new = folder.make(old.name)
    note = hand_over(previous[0], new) if previous else replace_lost(old, new)
    entry_id = await record(
        "register.key_replaced" if lost else "register.key_rotated", subject=old.name, by="market", at=now,
        data={"old": old.text, "new": new.verifier.text, "note": str(note)},
    )  # fmt: skip
    await execute(
        "INSERT INTO register_key (no, vkey, since, entry_id) VALUES ($1, $2, $3, $4)",
        no,
        new.verifier.text,
        now,
        entry_id,
    )
    await extend([*previous, new], None, now=now)
    return new.verifier


def _lost_key(folder: KeyFolder, old: VerifierKey) -> list[SigningKey]:
    try:
        folder.private(old)
    except KeyMissing:
        return []
    raise KeyNotLost("the key is here: rotate without --lost, so that it introduces its successor")
