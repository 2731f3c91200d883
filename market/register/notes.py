"""Signed notes and checkpoints as the transparency ecosystem writes them (C2SP signed-note, tlog-checkpoint and
tlog-cosignature). Parsing is strict: what is accepted here has exactly one spelling."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LARGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 100
_KEY_SIZE = 32
_PRIVATE = "PRIVATE+KEY"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_COSIGNED = "cosignature/v1\ntime {time}\n{text}"


class NoteInvalid(Exception):
    """The text is no note, no key, no checkpoint, or not signed by whom it should be."""


class Kind(IntEnum):
    """The signature types of the signed-note format that we use, all with Ed25519."""

    LOG = 0x01
    WITNESS = 0x04


def _unbase64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise NoteInvalid(f"{what} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise NoteInvalid(f"{what} is base64 in another spelling")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def check_name(name: str) -> str:
    """Key names carry neither spaces nor plus signs; ours are addresses without a scheme."""
    if not name or "+" in name or any(sign.isspace() or ord(sign) < 0x20 for sign in name):
        raise NoteInvalid(f"{name!r} cannot be the name of a key")
    return name


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name. Written `name+id+base64(type, key)`: the form in which keys are handed around."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        name, key_id, material = _three(text)
        kind, public = _material(material)
        key = cls(check_name(name), kind, public)
        if key.id.hex() != key_id:
            raise NoteInvalid("the key does not have the id that it is given")
        return key

    def accepts(self, text: str, signature: Signature) -> bool:
        """Whether the signature, which names this key, is right for the text."""
        message, signed = text.encode(), signature.blob
        if self.kind is Kind.WITNESS:
            time, signed = signature.time, signed[8:]
            message = _COSIGNED.format(time=time, text=text).encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def _three(text: str) -> tuple[str, str, str]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise NoteInvalid("a key is written name+id+material")
    return parts[0], parts[1], parts[2]


def _material(text: str) -> tuple[Kind, bytes]:
    data = _unbase64(text, "the key")
    if len(data) != 1 + _KEY_SIZE or data[0] not in set(Kind):
        raise NoteInvalid("the key is of a type that is not known here")
    return Kind(data[0]), data[1:]


@dataclass(frozen=True)
class Signature:
    """One signature line. `blob`: what follows the key's id."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"\u2014 {self.name} {_base64(self.key_id + self.blob)}\n"

    @property
    def time(self) -> int:
        """Of a cosignature: when the witness saw the checkpoint, in seconds since 1970."""
        return int.from_bytes(self.blob[:8], "big")


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A private key; it never prints itself."""

    verifier: VerifierKey
    seed: bytes

    @classmethod
    def from_seed(cls, name: str, kind: Kind, seed: bytes) -> SigningKey:
        if len(seed) != _KEY_SIZE:
            raise NoteInvalid("a private key is 32 bytes long")
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        return cls(VerifierKey(check_name(name), kind, public.public_bytes(Encoding.Raw, PublicFormat.Raw)), seed)

    @property
    def text(self) -> str:
        """The form of private keys that Go's note package writes."""
        key = self.verifier
        return f"{_PRIVATE}+{key.name}+{key.id.hex()}+{_base64(bytes([key.kind]) + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        if not text.startswith(f"{_PRIVATE}+"):
            raise NoteInvalid("this is no private key")
        name, key_id, material = _three(text[len(_PRIVATE) + 1 :])
        kind, seed = _material(material)
        key = cls.from_seed(name, kind, seed)
        if key.verifier.id.hex() != key_id:
            raise NoteInvalid("the key does not have the id that it is given")
        return key

    def sign(self, text: str, *, time: int | None = None) -> Signature:
        """`time`: for a witness, when it saw the checkpoint."""
        if (time is not None) != (self.verifier.kind is Kind.WITNESS):
            raise ValueError("a witness signs with a time, a log without one")
        message = text if time is None else _COSIGNED.format(time=time, text=text)
        signed = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message.encode())
        return Signature(
            self.verifier.name, self.verifier.id, (b"" if time is None else time.to_bytes(8, "big")) + signed
        )


@dataclass(frozen=True)
class Note:
    """`text` ends with a line break and is what is signed."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}"

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """With further signatures at the end, each once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))


def sign_note(text: str, *keys: SigningKey) -> Note:
    return Note(text, tuple(key.sign(text) for key in keys))


def parse_note(data: str) -> Note:
    """Raises NoteInvalid for whatever is not a signed note. Nothing in it is to be believed before `verify`."""
    if len(data.encode("utf8", "surrogatepass")) > LARGEST_NOTE:
        raise NoteInvalid("no note is that long")
    if any((ord(sign) < 0x20 and sign != "\n") or 0xD800 <= ord(sign) <= 0xDFFF for sign in data):
        raise NoteInvalid("control characters do not belong into a note")
    place = data.rfind("\n\n")
    if place < 1 or not data.endswith("\n"):
        raise NoteInvalid("a note is a text, an empty line, and signatures")
    lines = data[place + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteInvalid("no note has that many signatures")
    return Note(data[: place + 1], tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014":
        raise NoteInvalid("a signature line is a dash, a name and a signature")
    data = _unbase64(parts[2], "the signature")
    if len(data) < 5:
        raise NoteInvalid("the signature is too short")
    return Signature(check_name(parts[1]), data[:4], data[4:])


def verify(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Which of the keys signed the note. Signatures of others are ignored; a wrong one of a known key spoils the
    whole note. Raises NoteInvalid when none of the keys signed."""
    known = {(key.name, key.id): key for key in keys}
    signers = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None or key in signers:
            continue
        if not key.accepts(note.text, signature):
            raise NoteInvalid(f"the signature of {key.name} is wrong")
        signers.append(key)
    if not signers:
        raise NoteInvalid("nobody who is known here signed this")
    return tuple(signers)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Raises NoteInvalid. Extension lines are refused: our logs write none, and nobody could audit them."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise NoteInvalid("a checkpoint has three lines")
        if not _NUMBER.fullmatch(lines[1]):
            raise NoteInvalid("the size of a checkpoint is a plain number")
        root = _unbase64(lines[2], "the root")
        if len(root) != _KEY_SIZE:
            raise NoteInvalid("the root of a checkpoint is 32 bytes long")
        return cls(lines[0], int(lines[1]), root)
