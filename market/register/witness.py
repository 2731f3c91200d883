"""A witness: another institution's small process. It remembers the last checkpoint it saw, demands proof that the next
one continues it, and cosigns. It needs no database and believes nothing that is not signed or proved."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from market.register.merkle import ProofInvalid, check_consistency
from market.register.notes import Checkpoint, Note, NoteInvalid, SigningKey, VerifierKey, parse_note, verify
from market.register.succession import trusted_after

LARGEST_ANSWER = 1 << 20


class Alarm(Exception):
    """The register contradicts itself, or somebody speaks in its name. `evidence`: what was signed, to be kept."""

    def __init__(self, text: str, *evidence: str) -> None:
        super().__init__(text)
        self.evidence = evidence


class Unreachable(Exception):
    """No answer, or none that says anything: ask again later."""


class StateUnreadable(Exception):
    """The witness's own memory: starting from nothing would forget what it has vouched for."""


@dataclass(frozen=True)
class Memory:
    """The key that the witness trusts, and the newest checkpoint it has seen (none before the first visit)."""

    key: VerifierKey
    note: str | None = None

    @property
    def checkpoint(self) -> Checkpoint | None:
        return Checkpoint.parse(parse_note(self.note).text) if self.note else None


@dataclass(frozen=True)
class Visit:
    """`cosigned`: the checkpoint with our line, or None when there was nothing newer to vouch for."""

    memory: Memory
    size: int
    grown: int
    cosigned: Note | None
    remark: str = ""


async def visit(client: httpx.AsyncClient, memory: Memory) -> Visit:
    """Looks at the register once. `client` has its address as base URL. Raises Alarm, Unreachable."""
    text = await _get(client, "/register/checkpoint")
    note, key = await _believed(client, text, memory.key)
    now = _checkpoint_of(note, memory.key)
    seen = memory.checkpoint
    after = Memory(key, str(note))
    if seen is None:
        return Visit(after, now.size, now.size, note, "first visit: nothing to compare with yet")
    if now.size < seen.size:
        await _check_growth(client, now, seen, text, memory.note or "")
        return Visit(
            memory, seen.size, 0, None, f"an older checkpoint was served, of {now.size} entries; it fits what was seen"
        )
    await _check_growth(client, seen, now, memory.note or "", text)
    return Visit(after, now.size, now.size - seen.size, note)


def cosign(seen: Visit, key: SigningKey, *, time: int) -> Visit:
    """With our line under the checkpoint; to be called when the memory has been written down."""
    if seen.cosigned is None:
        return seen
    signature = key.sign(seen.cosigned.text, time=time)
    return Visit(seen.memory, seen.size, seen.grown, seen.cosigned.with_signatures([signature]), seen.remark)


async def _get(client: httpx.AsyncClient, path: str, **query: int) -> str:
    try:
        answer = await client.get(path, params=query)
    except httpx.HTTPError as problem:
        raise Unreachable(f"{path}: {problem or type(problem).__name__}") from problem
    if answer.status_code != 200 or len(answer.content) > LARGEST_ANSWER:
        raise Unreachable(f"{path}: answered {answer.status_code}")
    try:
        return answer.content.decode("utf8")
    except UnicodeDecodeError:
        raise Unreachable(f"{path}: answered with something that is not text") from None


async def _believed(client: httpx.AsyncClient, text: str, key: VerifierKey) -> tuple[Note, VerifierKey]:
    """The note with the signatures of the register alone, and the key that signed it: the known one, or one that the
    known one leads to."""
    try:
        note = parse_note(text)
    except NoteInvalid as problem:
        raise Unreachable(f"no checkpoint was served: {problem}") from None
    trusted = [key]
    if not any((one.name, one.key_id) == (key.name, key.id) for one in note.signatures):
        trusted = await _successors(client, key, text)
    try:
        signers = verify(note, trusted)
    except NoteInvalid as problem:
        raise Alarm(f"the checkpoint is not signed by {key.name}: {problem}", text) from None
    own = {(one.name, one.id) for one in trusted}
    return Note(note.text, tuple(one for one in note.signatures if (one.name, one.key_id) in own)), signers[-1]


async def _successors(client: httpx.AsyncClient, key: VerifierKey, text: str) -> list[VerifierKey]:
    try:
        told: Any = json.loads(await _get(client, "/register/keys"))
        keys = [VerifierKey.parse(str(one)) for one in told["keys"]]
        return trusted_after(key, keys, [str(one) for one in told["successions"]])
    except (NoteInvalid, ValueError, KeyError, TypeError) as problem:
        raise Alarm(f"signed with a key that {key.text} did not introduce: {problem}", text) from None


def _checkpoint_of(note: Note, key: VerifierKey) -> Checkpoint:
    try:
        found = Checkpoint.parse(note.text)
    except NoteInvalid as problem:
        raise Alarm(f"signed, but no checkpoint: {problem}", str(note)) from None
    if found.origin != key.name:
        raise Alarm(f"a checkpoint of {found.origin}, not of {key.name}", str(note))
    return found


async def _check_growth(
    client: httpx.AsyncClient, old: Checkpoint, new: Checkpoint, old_note: str, new_note: str
) -> None:
    """Raises Alarm unless the old tree is the beginning of the new one."""
    path: list[bytes] = []
    if old.size != new.size:
        path = await _consistency(client, old, new, (old_note, new_note))
    try:
        check_consistency(old.size, old.root, new.size, new.root, path)
    except ProofInvalid as problem:
        raise Alarm(f"the register was rewritten: {problem}", old_note, new_note) from None


async def _consistency(
    client: httpx.AsyncClient, old: Checkpoint, new: Checkpoint, notes: tuple[str, str]
) -> list[bytes]:
    query = {"from": old.size, "to": new.size}
    try:
        answer = await client.get("/register/consistency", params=query)
    except httpx.HTTPError as problem:
        raise Unreachable(f"/register/consistency: {problem or type(problem).__name__}") from problem
    if answer.status_code >= 500:
        raise Unreachable(f"/register/consistency: answered {answer.status_code}")
    try:
        told: Any = json.loads(answer.content)
        return [bytes.fromhex(str(part)) for part in told["path"]]
    except (ValueError, KeyError, TypeError):
        # It signed both and will not say how one leads to the other.
        raise Alarm(f"the register does not prove that {old.size} entries became {new.size}", *notes) from None


async def submit(client: httpx.AsyncClient, cosigned: Note) -> None:
    """Brings the cosignature to the register. Raises Unreachable, also when it is not wanted there."""
    try:
        answer = await client.post("/register/cosignatures", content=str(cosigned).encode())
    except httpx.HTTPError as problem:
        raise Unreachable(f"/register/cosignatures: {problem or type(problem).__name__}") from problem
    if answer.status_code == 404 and answer.headers.get("content-type", "").startswith("application/json"):
        raise Alarm("the register says that it never signed what it served a moment ago", str(cosigned))
    if answer.status_code != 200:
        raise Unreachable(f"/register/cosignatures: answered {answer.status_code} ({answer.text[:200].strip()})")


# The witness's memory --------------------------------------------------------------------------------------------


def remembered(path: Path) -> Memory | None:
    """None before the first visit. Raises StateUnreadable rather than begin anew."""
    try:
        told = json.loads(path.read_text("utf8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise StateUnreadable(f"{path} cannot be read: {problem}") from problem
    try:
        memory = Memory(VerifierKey.parse(told["key"]), told["checkpoint"])
        if memory.note is not None:
            note = parse_note(memory.note)
            verify(note, [memory.key])
            Checkpoint.parse(note.text)
    except (NoteInvalid, KeyError, TypeError, AttributeError) as problem:
        raise StateUnreadable(f"{path} is not what a witness writes: {problem}") from problem
    return memory


def remember(path: Path, memory: Memory) -> None:
    """Wholly or not at all, and on the disk before anything is signed."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf8") as file:
        json.dump({"key": memory.key.text, "checkpoint": memory.note}, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Two processes with one memory could vouch for two histories. Raises StateUnreadable when another one runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateUnreadable(f"another witness works with {path} just now") from None
        yield
