"""Proposals (技术方案) that nobody can read before the bids open: encrypted by the bidder under a random key that travels
inside the sealed bid, together with the SHA-256 of the encrypted file.

    file      = "MXP1" ‖ nonce (12 bytes) ‖ AES-256-GCM(key, nonce, plain, additional data = "mingxuan-proposal/1")
    plain     = length of the name in bytes (2 bytes, big-endian) ‖ name (UTF-8) ‖ content

The browser does the same with WebCrypto (frontend/js/bids/proposal.js); without JavaScript the server encrypts on arrival.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"MXP1"
ASSOCIATED: Final = b"mingxuan-proposal/1"
MEDIA_TYPE: Final = "application/octet-stream"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEX_256: Final = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME: Final = 480  # bytes: 120 characters of four
# What encryption adds at most to a file: the limit of an encrypted upload is that of the file and this.
OVERHEAD: Final = len(MAGIC) + _NONCE_BYTES + _TAG_BYTES + 2 + LONGEST_NAME


class ProposalFault(StrEnum):
    """Why nobody can read a proposal once the bids are open: no file was handed in, it is not the one that the bid
    names, or the bid's key does not open it."""

    MISSING = "missing"
    OTHER_FILE = "other_file"
    UNREADABLE = "unreadable"


class ProposalInvalid(ValueError):
    """The file is no encrypted proposal, or not the one that the bid named, or its key does not open it."""

    def __init__(self, problem: str, fault: ProposalFault = ProposalFault.UNREADABLE) -> None:
        super().__init__(problem)
        self.fault = fault


@dataclass(frozen=True)
class ProposalSeal:
    """What the sealed bid says of the proposal: its key, and the SHA-256 of the encrypted file; both in hexadecimal."""

    key: str
    sha256: str

    def __post_init__(self) -> None:
        if not _HEX_256.fullmatch(self.key) or not _HEX_256.fullmatch(self.sha256):
            raise ProposalInvalid("key and hash of a proposal have 64 lower-case hexadecimal digits each")


@dataclass(frozen=True)
class Proposal:
    """A proposal as its author had it."""

    name: str
    content: bytes


def encrypt_proposal(proposal: Proposal) -> tuple[bytes, ProposalSeal]:
    """The encrypted file and what the bid must say of it."""
    name = proposal.name.encode()[:LONGEST_NAME].decode(errors="ignore").encode()
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE_BYTES)
    plain = len(name).to_bytes(2, "big") + name + proposal.content
    file = MAGIC + nonce + AESGCM(key).encrypt(nonce, plain, ASSOCIATED)
    return file, ProposalSeal(key.hex(), hashlib.sha256(file).hexdigest())


def decrypt_proposal(file: bytes, seal: ProposalSeal) -> Proposal:
    """Raises ProposalInvalid, whatever the bytes."""
    if hashlib.sha256(file).hexdigest() != seal.sha256:
        raise ProposalInvalid("the file is not the one that the bid named", ProposalFault.OTHER_FILE)
    check_form(file)
    body = file[len(MAGIC) :]
    try:
        plain = AESGCM(bytes.fromhex(seal.key)).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], ASSOCIATED)
    except InvalidTag as problem:
        raise ProposalInvalid("the key in the bid does not open the file") from problem
    end = 2 + int.from_bytes(plain[:2], "big")
    if len(plain) <= end or end > 2 + LONGEST_NAME:
        raise ProposalInvalid("the file holds no named content")
    try:
        return Proposal(plain[2:end].decode(), plain[end:])
    except UnicodeDecodeError as problem:
        raise ProposalInvalid("the file's name is not readable") from problem


def check_form(file: bytes) -> None:
    """What can be said of an encrypted file without its key; asked when it arrives. Raises ProposalInvalid."""
    if not file.startswith(MAGIC) or len(file) < len(MAGIC) + _NONCE_BYTES + _TAG_BYTES + 3:
        raise ProposalInvalid("the file is not encrypted as proposals are")
