"""Other institutions' cosignatures: who may give them, and taking them in."""

from __future__ import annotations

from datetime import UTC, datetime

from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound
from market.kernel.ids import new_id
from market.register import log
from market.register.log import WitnessView
from market.register.notes import Checkpoint, Kind, Note, NoteInvalid, Signature, VerifierKey, parse_note, verify


class Overtaken(Exception):
    """The witness offers an older checkpoint than it has cosigned already."""

    def __init__(self, size: int) -> None:
        super().__init__(f"this witness has cosigned {size} entries already")
        self.size = size


async def add_witness(vkey: str, title: str, *, now: datetime) -> VerifierKey:
    """From now on cosignatures of this key are taken in. Raises NoteInvalid for what is no witness's key."""
    key = VerifierKey.parse(vkey)
    if key.kind is not Kind.WITNESS:
        raise NoteInvalid("a witness needs a key for cosignatures (type 4): make it with `register keygen --witness`")
    async with transaction():
        await execute(
            "INSERT INTO register_witness (id, vkey, title, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            new_id(), key.text, title, now,
        )  # fmt: skip
    return key


async def take_cosignatures(text: str) -> int:
    """A checkpoint of ours with the lines of witnesses that we know; returns how many lines were new. Raises
    NoteInvalid (no such witness, a wrong signature), NotFound (we signed no such checkpoint), Overtaken."""
    note = parse_note(text)
    known = {view.key: view for view in await log.witnesses()}
    signers = [known[key] for key in verify(note, list(known))]
    size = Checkpoint.parse(note.text).size
    signed = await log.checkpoint(size)
    if signed is None or signed.signed.text != note.text:
        raise NotFound
    return sum([await _take(size, _line_of(note, witness), witness) for witness in signers])


def _line_of(note: Note, witness: WitnessView) -> Signature:
    return next(one for one in note.signatures if (one.name, one.key_id) == (witness.key.name, witness.key.id))


async def _take(size: int, signature: Signature, witness: WitnessView) -> int:
    async with transaction():
        # Two messages of one witness at once: the second sees what the first has written.
        await fetch_value("SELECT id FROM register_witness WHERE id = $1 FOR NO KEY UPDATE", witness.id)
        newest = await fetch_value("SELECT max(size) FROM register_cosignature WHERE witness_id = $1", witness.id)
        if newest is not None and size < newest:
            raise Overtaken(newest)
        return await execute(
            "INSERT INTO register_cosignature (id, size, witness_id, line, cosigned_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT ON CONSTRAINT register_cosignature_once DO NOTHING",
            new_id(), size, witness.id, signature.line, datetime.fromtimestamp(min(signature.time, 2**35), UTC),
        )  # fmt: skip
