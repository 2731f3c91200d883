"""The log against itself: every leaf from its entry, every root from its leaves, every signature, every private digest.

Runs inside a transaction that sees one state of the database (`market.cli.audit` opens it), so acts that go on meanwhile
disturb nothing. What the acts say is compared with the business tables in `market.cli.audit`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from market.kernel.db import fetch, fetch_value, from_json
from market.register import log
from market.register.canonical import canonical
from market.register.merkle import Edge, leaf_hash
from market.register.notes import Checkpoint, NoteInvalid, VerifierKey, parse_note, verify
from market.register.queries import Entry, entry_of
from market.register.succession import is_handed_over
from market.register.tiles import HEIGHT

Kind = Literal["altered", "missing", "extra"]
Progress = Callable[[int], None]
PAGE = 5000


@dataclass(frozen=True)
class Finding:
    """`table`, `key`: which row; `detail`: what is wrong with it, in words."""

    kind: Kind
    table: str
    key: str
    detail: str
    entry_id: UUID | None = None

    def members(self) -> dict[str, str | None]:
        return {
            "kind": self.kind, "table": self.table, "key": self.key, "detail": self.detail,
            "entry": str(self.entry_id) if self.entry_id else None,
        }  # fmt: skip


@dataclass
class _Walk:
    """Where the recomputation is. `broken`: a leaf is gone, so roots from here on cannot be computed."""

    keys: list[tuple[int, VerifierKey]]
    subtrees: dict[tuple[int, int], bytes]
    seen: dict[int, list[str]]
    findings: list[Finding] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    broken: bool = False
    roots_wrong: bool = False
    last_number: int = 0

    def report(self, kind: Kind, table: str, key: Any, detail: str, entry_id: UUID | None = None) -> None:
        self.findings.append(Finding(kind, table, str(key), detail, entry_id))


async def audit_log(progress: Progress = lambda done: None, seen: Sequence[str] = ()) -> list[Finding]:
    """`seen`: checkpoints that somebody kept outside of this database, as signed notes: the only thing that can tell
    when everything in here was rewritten consistently. `progress` gets the number of leaves done."""
    walk = _Walk(await _keys_in_force(), await _subtrees(), {})
    walk.findings += await _check_keys()
    _take_seen(walk, seen)
    await _walk_leaves(walk, progress)
    _finish(walk)
    walk.findings += await _check_unplaced()
    walk.findings += await _check_private()
    walk.findings += await _check_cosignatures()
    return walk.findings


# Keys ------------------------------------------------------------------------------------------------------------


async def _keys_in_force() -> list[tuple[int, VerifierKey]]:
    """Each key with the number of leaves from which on it has to sign."""
    rows = await fetch(
        "SELECT k.vkey, l.leaf FROM register_key k LEFT JOIN register_leaf l ON l.entry_id = k.entry_id ORDER BY k.no"
    )
    return [((row["leaf"] or 0) + 1, VerifierKey.parse(row["vkey"])) for row in rows if _is_key(row["vkey"])]


def _is_key(text: str) -> bool:
    try:
        VerifierKey.parse(text)
    except NoteInvalid:
        return False
    return True


async def _check_keys() -> list[Finding]:
    rows = await fetch(
        "SELECT k.no, k.vkey, k.entry_id, e.data ->> 'note' AS note, lag(k.vkey) OVER (ORDER BY k.no) AS old FROM register_key k"
        " LEFT JOIN register_entry e ON e.id = k.entry_id AND e.kind IN ('register.key_rotated', 'register.key_replaced')"
        " ORDER BY k.no"
    )
    found = [
        Finding("altered", "register_key", str(row["no"]), problem, row["entry_id"])
        for row in rows
        if (problem := _key_problem(row)) is not None
    ]
    introduced = await fetch(
        "SELECT e.id FROM register_entry e LEFT JOIN register_key k ON k.entry_id = e.id"
        " WHERE e.kind IN ('register.key_rotated', 'register.key_replaced') AND k.no IS NULL"
    )
    return found + [
        Finding("missing", "register_key", str(row["id"]), "the key of this act is gone", row["id"])
        for row in introduced
    ]


def _key_problem(row: dict[str, Any]) -> str | None:
    try:
        key = VerifierKey.parse(row["vkey"])
        if row["no"] > 1:
            is_handed_over(row["note"] or "", VerifierKey.parse(row["old"] or ""), key)
    except NoteInvalid as problem:
        return f"not a key of this register: {problem}"
    return None


# Leaves, roots, signatures ---------------------------------------------------------------------------------------


async def _subtrees() -> dict[tuple[int, int], bytes]:
    return {
        (row["level"], row["no"]): row["hash"] for row in await fetch("SELECT level, no, hash FROM register_subtree")
    }


def _take_seen(walk: _Walk, seen: Sequence[str]) -> None:
    for text in seen:
        try:
            note = parse_note(text)
            verify(note, [key for _, key in walk.keys])
            walk.seen.setdefault(Checkpoint.parse(note.text).size, []).append(note.text)
        except NoteInvalid as problem:
            walk.report("altered", "checkpoint kept elsewhere", "?", f"was not signed by this register: {problem}")


_LEAVES = """
SELECT l.leaf, l.leaf_hash, l.entry_id AS placed, e.* FROM register_leaf l LEFT JOIN register_entry e ON e.id = l.entry_id
WHERE l.leaf >= $1 ORDER BY l.leaf LIMIT $2
"""


async def _walk_leaves(walk: _Walk, progress: Progress) -> None:
    following, checkpoints = 0, await _checkpoints_after(0)
    while rows := await fetch(_LEAVES, following, PAGE):
        for row in rows:
            while following < row["leaf"]:
                _miss_leaf(walk, following)
                following += 1
            _take_leaf(walk, row)
            following += 1
            while checkpoints and checkpoints[0]["size"] <= following:
                _check_checkpoint(walk, checkpoints.pop(0), following)
                if not checkpoints:
                    checkpoints = await _checkpoints_after(following)
        progress(following)
    for row in checkpoints:
        walk.report(
            "missing",
            "register_leaf",
            row["size"] - 1,
            f"a checkpoint signed {row['size']} leaves, {following} are there",
        )


async def _checkpoints_after(size: int) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT size, root, note FROM register_checkpoint WHERE size > $1 ORDER BY size LIMIT $2", size, PAGE
    )


def _miss_leaf(walk: _Walk, leaf: int) -> None:
    walk.report("missing", "register_leaf", leaf, "there is no such leaf any more")
    walk.broken = True


def _take_leaf(walk: _Walk, row: dict[str, Any]) -> None:
    leaf, stored, placed = row.pop("leaf"), row.pop("leaf_hash"), row.pop("placed")
    if row["id"] is None:
        walk.report("missing", "register_entry", leaf, "the entry of this leaf is gone", placed)
    else:
        entry = entry_of(row)
        if _hash_of(entry) != stored:
            walk.report(
                "altered", "register_entry", entry.written, f"it is not what leaf {leaf} was made from", entry.id
            )
        if entry.written < walk.last_number:
            walk.report(
                "altered", "register_entry", entry.written, f"its number does not fit its place, leaf {leaf}", entry.id
            )
        walk.last_number = entry.written
    if not walk.broken:
        for (level, no), hash_ in walk.edge.add(stored):
            if level % HEIGHT == 0:
                _check_subtree(walk, (level // HEIGHT, no), hash_)


def _hash_of(entry: Entry) -> bytes | None:
    """None where the facts were bent into something that cannot be written down canonically at all."""
    try:
        return leaf_hash(entry.canonical())
    except (ValueError, TypeError):
        return None


def _check_subtree(walk: _Walk, place: tuple[int, int], hash_: bytes) -> None:
    stored = walk.subtrees.pop(place, None)
    if stored is None:
        walk.report("missing", "register_subtree", "/".join(map(str, place)), "the hash over these leaves is gone")
    elif stored != hash_:
        walk.report("altered", "register_subtree", "/".join(map(str, place)), "it is not the hash over its leaves")


def _check_checkpoint(walk: _Walk, row: dict[str, Any], size: int) -> None:
    """At its size; numbers of entries rise within what one checkpoint added, and start anew with the next."""
    walk.last_number = 0
    if row["size"] != size:
        return
    problem = _signature_problem(walk, row)
    if problem is not None:
        walk.report("altered", "register_checkpoint", size, problem)
    if not walk.broken and not walk.roots_wrong and row["root"] != walk.edge.root:
        walk.roots_wrong = True  # every later root is wrong for the same reason
        walk.report(
            "altered",
            "register_checkpoint",
            size,
            "its root is not that of the leaves: one of them, or it, was changed",
        )
    _check_seen(walk, size)


def _signature_problem(walk: _Walk, row: dict[str, Any]) -> str | None:
    needed = [key for since, key in walk.keys if since <= row["size"]]
    try:
        note = parse_note(row["note"])
        signers = verify(note, [key for _, key in walk.keys])
    except NoteInvalid as problem:
        return f"its signature does not hold: {problem}"
    if not needed or needed[-1] not in signers:
        return "it is not signed with the key that was in force"
    if note.text != Checkpoint(needed[-1].name, row["size"], row["root"]).text:
        return "what is signed is not what stands beside it"
    return None


def _check_seen(walk: _Walk, size: int) -> None:
    for text in walk.seen.pop(size, []):
        if not walk.broken and Checkpoint.parse(text).root != walk.edge.root:
            walk.report(
                "altered",
                "register_checkpoint",
                size,
                "a checkpoint kept elsewhere has another root: history was rewritten",
            )


def _finish(walk: _Walk) -> None:
    for size in walk.seen:
        walk.report(
            "missing", "register_checkpoint", size, "a checkpoint kept elsewhere is not here: the log went back"
        )
    if not walk.broken:
        for place in walk.subtrees:
            walk.report("extra", "register_subtree", "/".join(map(str, place)), "a hash over leaves that are not there")


# Beside the leaves -----------------------------------------------------------------------------------------------


async def _check_unplaced() -> list[Finding]:
    """Entries and the list of those that wait fit together; nothing stands behind the last checkpoint."""
    lost = await fetch(
        "SELECT e.id, e.written FROM register_entry e LEFT JOIN register_leaf l ON l.entry_id = e.id"
        " LEFT JOIN register_waiting w ON w.written = e.written WHERE l.leaf IS NULL AND w.written IS NULL ORDER BY e.written"
    )
    gone = await fetch(
        "SELECT w.written FROM register_waiting w LEFT JOIN register_entry e ON e.written = w.written"
        " WHERE e.id IS NULL ORDER BY w.written"
    )
    signed = await fetch_value("SELECT coalesce(max(size), 0) FROM register_checkpoint")
    unsigned = await fetch("SELECT leaf, entry_id FROM register_leaf WHERE leaf >= $1 ORDER BY leaf", signed)
    return [
        *(Finding("extra", "register_entry", str(row["written"]), "it is in no leaf and does not wait for one", row["id"]) for row in lost),
        *(Finding("missing", "register_entry", str(row["written"]), "it waited for its leaf and is gone") for row in gone),
        *(Finding("extra", "register_leaf", str(row["leaf"]), "it stands behind everything that was signed", row["entry_id"]) for row in unsigned),
    ]  # fmt: skip


async def _check_private() -> list[Finding]:
    """Private facts that are still there are those whose digest was published."""
    found, last = [], UUID(int=0)
    while rows := await fetch(
        "SELECT p.entry_id, p.salt, p.facts, e.private_digest FROM register_private p LEFT JOIN register_entry e ON e.id = p.entry_id"
        " WHERE p.entry_id > $1 ORDER BY p.entry_id LIMIT $2",
        last, PAGE,
    ):  # fmt: skip
        last = rows[-1]["entry_id"]
        found += [
            Finding(
                "altered",
                "register_private",
                str(row["entry_id"]),
                "not the facts whose digest was published",
                row["entry_id"],
            )
            for row in rows
            if row["private_digest"] != _digest_of(row["salt"], row["facts"])
        ]
    return found


def _digest_of(salt: str, facts: str) -> str | None:
    try:
        return hashlib.sha256(salt.encode() + canonical(from_json(facts))).hexdigest()
    except (ValueError, TypeError):
        return None


async def _check_cosignatures() -> list[Finding]:
    rows = await fetch(
        "SELECT s.id, s.size, s.line, w.vkey, c.note FROM register_cosignature s LEFT JOIN register_witness w ON w.id = s.witness_id"
        " LEFT JOIN register_checkpoint c ON c.size = s.size ORDER BY s.size"
    )
    return [
        Finding("altered", "register_cosignature", str(row["size"]), "the witness did not sign this checkpoint")
        for row in rows
        if not _cosigned(row)
    ]


def _cosigned(row: dict[str, Any]) -> bool:
    try:
        note = parse_note(row["note"] or "")
        line = parse_note(f"{note.text}\n{row['line']}").signatures[0]
        key = VerifierKey.parse(row["vkey"] or "")
    except NoteInvalid:
        return False
    return (line.name, line.key_id) == (key.name, key.id) and key.accepts(note.text, line)


async def size_of_log() -> int:
    """How many leaves an audit will walk."""
    newest = await log.checkpoint()
    return newest.size if newest else 0
