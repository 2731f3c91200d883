#!/usr/bin/env python3
"""Checks proofs of a public register without trusting the register, its programs or its server.

One file. Needs Python 3.9 or later and one package: `python -m pip install cryptography`.

    python verifier.py proof.json                              an entry is in the register
    python verifier.py proof.json --key NAME+ID+KEY            … and the register is the one you mean
    python verifier.py consistency.json --seen checkpoint.txt  nothing that you saw earlier was rewritten

Ends with 0 if everything holds, 1 if anything does not, 2 if a file cannot be read.
Formats: RFC 6962 (the tree), C2SP signed-note, tlog-checkpoint and tlog-cosignature (what is signed).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

INCLUSION = "mingxuan-register-inclusion/1"
CONSISTENCY = "mingxuan-register-consistency/1"
SUCCESSION = "mingxuan-register-key/1"
SIGNED = {"checkpoint", "keys", "successions", "witnesses"}
MEMBERS = {
    INCLUSION: {"format", "entry", "index", "path"} | SIGNED,
    CONSISTENCY: {"format", "from", "to", "path"} | SIGNED,
}
LOG, WITNESS = 1, 4


class Refused(Exception):
    """Why the proof proves nothing."""


class Key(NamedTuple):
    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


class Line(NamedTuple):
    """A signature line: whose it says it is, and the signature."""

    name: str
    key_id: bytes
    blob: bytes


class Tree(NamedTuple):
    origin: str
    size: int
    root: bytes


def demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)


# What is signed --------------------------------------------------------------------------------------------------


def unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused(f"not base64: {text[:40]}") from None
    demand(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def key_of(text: str) -> Key:
    parts = text.split("+", 2)
    demand(len(parts) == 3 and parts[0] != "", "a key is written name+id+key")
    data = unbase64(parts[2])
    demand(len(data) == 33 and data[0] in (LOG, WITNESS), "a key of an unknown type")
    key = Key(parts[0], data[0], data[1:])
    demand(key.text == text, "the key does not have the id that it is given")
    return key


def split_note(note: str) -> tuple[str, list[Line]]:
    place = note.rfind("\n\n")
    demand(place > 0 and note.endswith("\n"), "not a signed note")
    lines = []
    for line in note[place + 2 : -1].split("\n"):
        parts = line.split(" ")
        demand(len(parts) == 3 and parts[0] == "\u2014", "not a signature line")
        data = unbase64(parts[2])
        demand(len(data) > 4, "a signature that is too short")
        lines.append(Line(parts[1], data[:4], data[4:]))
    return note[: place + 1], lines


def is_signed(key: Key, text: str, line: Line) -> bool:
    message, signature = text.encode(), line.blob
    if key.kind == WITNESS:
        time = int.from_bytes(signature[:8], "big")
        message, signature = f"cosignature/v1\ntime {time}\n{text}".encode(), signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signers(note: str, known: list[Key]) -> list[Key]:
    """Who of the known signed. Every line must be right and of somebody known: nothing in a proof is idle."""
    text, lines = split_note(note)
    found = []
    for line in lines:
        key = next((one for one in known if (one.name, one.id) == (line.name, line.key_id)), None)
        if key is None:
            raise Refused(f"a signature of somebody unknown: {line.name}")
        demand(is_signed(key, text, line), f"the signature of {key.name} is wrong")
        demand(key not in found, f"{key.name} signed twice")
        found.append(key)
    return found


def tree_of(text: str) -> Tree:
    lines = text.split("\n")
    demand(len(lines) == 4 and lines[3] == "", "a checkpoint has three lines")
    demand(lines[1].isascii() and lines[1].isdigit() and str(int(lines[1])) == lines[1], "the size is not a number")
    root = unbase64(lines[2])
    demand(len(root) == 32, "the root is not a hash")
    return Tree(lines[0], int(lines[1]), root)


# The tree --------------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(leaf: bytes, index: int, tree: Tree, path: list[bytes]) -> None:
    """RFC 9162, section 2.1.3.2."""
    demand(0 <= index < tree.size, "the tree has no such leaf")
    here, last, root = index, tree.size - 1, leaf
    for sibling in path:
        demand(last > 0, "the path is too long")
        if here & 1 or here == last:
            root = node_hash(sibling, root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        here, last = here >> 1, last >> 1
    demand(last == 0 and root == tree.root, "the path does not lead from the entry to the root that was signed")


def check_consistency(old: Tree, new: Tree, path: list[bytes]) -> None:
    """RFC 9162, section 2.1.4.2."""
    rewritten = f"the register of {old.size} entries that you saw is not the beginning of this one of {new.size}"
    demand(0 < old.size <= new.size, "a register never gets smaller, and an empty one is the beginning of everything")
    if old.size == new.size:
        demand(not path and old.root == new.root, rewritten)
        return
    hashes = path if old.size & (old.size - 1) else [old.root, *path]
    demand(bool(path), rewritten)
    here, last = old.size - 1, new.size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_root = new_root = hashes[0]
    for sibling in hashes[1:]:
        demand(last > 0, "the proof is too long")
        if here & 1 or here == last:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new_root = node_hash(new_root, sibling)
        here, last = here >> 1, last >> 1
    demand(last == 0 and (old_root, new_root) == (old.root, new.root), rewritten)


# The proof -------------------------------------------------------------------------------------------------------


def read_proof(data: bytes) -> dict[str, Any]:
    """The file, if it is a proof in its only spelling."""
    try:
        proof = json.loads(data.decode("utf8"))
        spelled = json.dumps(proof, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf8")
    except (ValueError, RecursionError):
        raise Refused("not a JSON file") from None
    if not isinstance(proof, dict) or spelled != data:
        raise Refused("not written as proofs are: something in it was changed")
    members = MEMBERS.get(str(proof.get("format")))
    demand(members is not None, "a format that this program does not know")
    demand(members in (set(proof), set(proof) - {"data"}), "members are missing or too many")
    return proof


def texts_in(proof: dict[str, Any], name: str) -> list[str]:
    value = proof[name]
    demand(isinstance(value, list) and all(isinstance(one, str) for one in value), f"{name} is not a list of texts")
    return list(value)


def text_in(proof: dict[str, Any], name: str) -> str:
    demand(isinstance(proof[name], str), f"{name} is not a text")
    return str(proof[name])


def number_in(proof: dict[str, Any], name: str) -> int:
    demand(type(proof[name]) is int, f"{name} is not a number")
    return int(proof[name])


def path_of(proof: dict[str, Any]) -> list[bytes]:
    path = texts_in(proof, "path")
    demand(
        all(len(part) == 64 and set(part) <= set("0123456789abcdef") for part in path), "the path is not made of hashes"
    )
    return [bytes.fromhex(part) for part in path]


class Checked(NamedTuple):
    """What holds, and what to bear in mind."""

    facts: list[str]
    cautions: list[str]


def check_keys(keys: list[Key], notes: list[str], known: Key | None, checked: Checked) -> None:
    """Each key was introduced by its predecessor; the known one is among them, and leads to the last."""
    demand(len(keys) > 0 and len(notes) == len(keys) - 1, "keys without their introduction")
    links = []
    for place, note in enumerate(notes):
        old, new = keys[place], keys[place + 1]
        demand(split_note(note)[0] == f"{SUCCESSION}\n{old.text}\n{new.text}\n", "an introduction of other keys")
        who = signers(note, [old, new])
        demand(new in who, "a new key that did not sign its introduction")
        links.append(old in who)
    if known is None:
        checked.cautions.append(f"compare this key with the one that you know from elsewhere:\n    {keys[-1].text}")
    else:
        demand(known in keys, "signed by another register than the one whose key you gave")
    for place in range(keys.index(known) if known else 0, len(links)):
        new = keys[place + 1]
        demand(links[place] or known is None, f"{new.text} was not introduced by the key that you know")
        if not links[place]:
            checked.cautions.append(
                f"a lost key was replaced; nobody but the server vouches for the new one:\n    {new.text}"
            )


def check_signed(proof: dict[str, Any], known: Key | None, wanted: list[Key], checked: Checked) -> Tree:
    keys = [key_of(one) for one in texts_in(proof, "keys")]
    witnesses = [key_of(one) for one in texts_in(proof, "witnesses")]
    demand(
        all(key.kind == LOG for key in keys) and all(key.kind == WITNESS for key in witnesses), "keys of the wrong kind"
    )
    check_keys(keys, texts_in(proof, "successions"), known, checked)
    note = text_in(proof, "checkpoint")
    who = signers(note, keys + witnesses)
    trusted = keys[keys.index(known) :] if known else keys
    demand(any(key in trusted for key in who), "not signed with the key that you know, nor with one that it introduced")
    demand(all(key in who for key in witnesses), "a witness is named that did not sign")
    tree = tree_of(split_note(note)[0])
    demand(all(key.name == tree.origin for key in keys), "the checkpoint is of another register")
    checked.facts.append(f"signed by {tree.origin} over {tree.size} entries")
    checked.facts.extend(f"seen and cosigned by {key.name}" for key in witnesses)
    for key in wanted:
        demand(key in who, f"{key.name} did not cosign this checkpoint")
    return tree


def check_entry(proof: dict[str, Any], known: Key | None, wanted: list[Key]) -> Checked:
    checked = Checked([], [])
    tree = check_signed(proof, known, wanted, checked)
    entry, index = text_in(proof, "entry"), number_in(proof, "index")
    check_inclusion(leaf_hash(entry.encode("utf8")), index, tree, path_of(proof))
    facts = json.loads(entry)
    if "data" in proof:
        demand(
            hashlib.sha256(text_in(proof, "data").encode("utf8")).hexdigest() == facts.get("data_sha256"),
            "the facts were changed",
        )
        facts["data"] = json.loads(text_in(proof, "data"))
    checked.facts.append(f"entry {facts['id']} is leaf {index} of it")
    checked.facts.append(f"{facts['at']}  {facts['kind']}  {facts['subject']}  by {facts['by']}")
    checked.facts.append(json.dumps(facts.get("data"), ensure_ascii=False, indent=2).replace("\n", "\n    "))
    return checked


def check_growth(proof: dict[str, Any], seen: str, known: Key | None, wanted: list[Key]) -> Checked:
    checked = Checked([], [])
    new = check_signed(proof, known, wanted, checked)
    body, lines = split_note(seen)
    keys = [key_of(one) for one in texts_in(proof, "keys")]
    right = [
        key
        for line in lines
        for key in keys
        if (key.name, key.id) == (line.name, line.key_id) and is_signed(key, body, line)
    ]
    demand(len(right) > 0, "the checkpoint that you saw was not signed by this register")
    old = tree_of(body)
    demand(
        (old.origin, old.size, new.size) == (new.origin, number_in(proof, "from"), number_in(proof, "to")),
        "a proof between other checkpoints",
    )
    check_consistency(old, new, path_of(proof))
    checked.facts.append(f"all {old.size} entries that you saw are in it, unchanged and in their order")
    return checked


def check(data: bytes, seen: str | None, known: Key | None, wanted: list[Key]) -> Checked:
    """Raises Refused unless everything holds."""
    proof = read_proof(data)
    try:
        if proof["format"] == INCLUSION:
            return check_entry(proof, known, wanted)
        demand("data" not in proof, "members are missing or too many")
        if seen is None:
            raise Refused("give the checkpoint that you saw earlier: --seen checkpoint.txt")
        return check_growth(proof, seen, known, wanted)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Refused(f"not what a proof looks like ({type(problem).__name__})") from None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof", help="the proof as downloaded")
    parser.add_argument("--key", metavar="KEY", help="accept this register only: a key of it that you know")
    parser.add_argument(
        "--witness", metavar="KEY", action="append", default=[], help="demand this witness's cosignature"
    )
    parser.add_argument("--seen", metavar="FILE", help="a checkpoint that you kept from an earlier day")
    given = parser.parse_args(arguments)
    try:
        with open(given.proof, "rb") as file:
            data = file.read()
        seen = None
        if given.seen:
            with open(given.seen, encoding="utf8", newline="") as file:
                seen = file.read()
        known = key_of(given.key) if given.key else None
        wanted = [key_of(one) for one in given.witness]
    except (OSError, ValueError, Refused) as problem:
        sys.stderr.write(f"cannot read: {problem}\n")
        return 2
    try:
        checked = check(data, seen, known, wanted)
    except Refused as problem:
        sys.stdout.write(f"REFUSED: {problem}\n")
        return 1
    sys.stdout.write("".join(f"  {fact}\n" for fact in checked.facts))
    sys.stdout.write("".join(f"! {caution}\n" for caution in checked.cautions))
    sys.stdout.write("VERIFIED\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
