"""The age file around a sealed key (age-encryption.org/v1): one stanza, one chunk, armored, in exactly one spelling.

Only what a sealed entry needs: files of a few kilobytes, so a payload never fills the 65,536 bytes of one chunk.
Whatever `decode` accepts, `encode` writes again byte for byte, so no second file says the same.
"""

from __future__ import annotations

import binascii
import hmac
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BEGIN: Final = "-----BEGIN AGE ENCRYPTED FILE-----\n"
END: Final = "\n-----END AGE ENCRYPTED FILE-----\n"
VERSION: Final = b"age-encryption.org/v1\n"
COLUMNS: Final = 64
MAC_BYTES: Final = 32
NONCE_BYTES: Final = 16
TAG_BYTES: Final = 16
CHUNK_BYTES: Final = 65_536
_ONLY_CHUNK: Final = bytes(11) + b"\x01"
_HEADER: Final = re.compile(
    rb"age-encryption\.org/v1\n-> tlock ([1-9][0-9]{0,15}) ([0-9a-f]{64})\n"
    rb"((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})\n--- ([A-Za-z0-9+/]{43})\n"
)


class AgeInvalid(ValueError):
    """No age file of the one shape and spelling that is accepted here."""


class NotAuthentic(ValueError):
    """Header or payload were not written by whoever knew the file key."""


@dataclass(frozen=True)
class SealedFile:
    """The parts of a file. `body` is the sealed file key, `payload` the nonce and the encrypted chunk."""

    number: int
    chain_hash: str
    body: bytes
    mac: bytes
    payload: bytes

    def encode(self) -> bytes:
        """The file, not armored."""
        return _header(self.number, self.chain_hash, self.body) + b" " + _bare(self.mac) + b"\n" + self.payload


def encrypt(file_key: bytes, nonce: bytes, number: int, chain_hash: str, body: bytes, plaintext: bytes) -> SealedFile:
    """A file for `plaintext` under `file_key`, which `body` holds sealed. `nonce`: 16 fresh random bytes."""
    if not 0 < len(plaintext) < CHUNK_BYTES or len(nonce) != NONCE_BYTES:
        raise AgeInvalid("a sealed text has 1 to 65,535 bytes, its nonce 16")
    chunk = ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).encrypt(_ONLY_CHUNK, plaintext, None)
    mac = _mac(file_key, _header(number, chain_hash, body))
    return SealedFile(number, chain_hash, body, mac, nonce + chunk)


def decrypt(file: SealedFile, file_key: bytes) -> bytes:
    """The text, once header and payload are found authentic. Raises NotAuthentic."""
    expected = _mac(file_key, _header(file.number, file.chain_hash, file.body))
    if not hmac.compare_digest(expected, file.mac):
        raise NotAuthentic("the header's code does not fit")
    nonce, chunk = file.payload[:NONCE_BYTES], file.payload[NONCE_BYTES:]
    try:
        return ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).decrypt(_ONLY_CHUNK, chunk, None)
    except InvalidTag as error:
        raise NotAuthentic("the payload's tag does not fit") from error


def decode(data: bytes) -> SealedFile:
    """Parse a file that is not armored. Raises AgeInvalid."""
    match = _HEADER.match(data)
    if match is None:
        raise AgeInvalid("the header is not of the one accepted form: version, one tlock stanza, its code")
    number, chain_hash, body, mac = match.groups()
    payload = data[match.end() :]
    if not NONCE_BYTES + TAG_BYTES < len(payload) < NONCE_BYTES + CHUNK_BYTES + TAG_BYTES:
        raise AgeInvalid("the payload is empty, cut off or too long")
    file = SealedFile(int(number), chain_hash.decode("ascii"), _unbare(body), _unbare(mac), payload)
    if len(file.mac) != MAC_BYTES or file.encode() != data:
        raise AgeInvalid("the header is not canonical")
    return file


def armor(data: bytes) -> str:
    """PEM-like text of 64 columns, as age and tlock-js write it."""
    return BEGIN + "\n".join(_columns(b64encode(data).decode("ascii"))) + END


def unarmor(text: str) -> bytes:
    """The bytes of an armored file in its only spelling. Raises AgeInvalid."""
    if not text.isascii() or not text.startswith(BEGIN) or not text.endswith(END):
        raise AgeInvalid("the text is no armored age file")
    try:
        data = b64decode(text[len(BEGIN) : -len(END)].replace("\n", ""), validate=True)
    except binascii.Error as error:
        raise AgeInvalid("the armor is not base64") from error
    if armor(data) != text:
        raise AgeInvalid("the armor is not canonical")
    return data


def _header(number: int, chain_hash: str, body: bytes) -> bytes:
    """Everything up to and including the three dashes: what the header's code covers."""
    stanza = f"-> tlock {number} {chain_hash}\n".encode("ascii")
    # A body whose last line is full is followed by an empty one: a line shorter than 64 ends it.
    lines = _columns(_bare(body).decode("ascii"))
    ending = "\n\n" if lines and len(lines[-1]) == COLUMNS else "\n"
    return VERSION + stanza + ("\n".join(lines) + ending).encode("ascii") + b"---"


def _columns(text: str) -> list[str]:
    return [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)]


def _bare(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _unbare(text: bytes) -> bytes:
    joined = text.replace(b"\n", b"")
    try:
        return b64decode(joined + b"=" * (-len(joined) % 4), validate=True)
    except binascii.Error as error:
        raise AgeInvalid("the header holds no base64") from error


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")


def _derive(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, purpose).derive(file_key)
