"""RSA2 as Alipay speaks it: what is signed, with which keys, and how a signature is judged.

Signing content is `key=value` joined by `&`, sorted by key, as UTF-8. SHA-256 is pinned: the
signature is not asked which digest it would like.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

# Keys that the simulator makes have this exponent, Alipay's have 65537: so no file name and no copy can hide them.
SIMULATOR_EXPONENT: Final = 3
LEAST_BITS: Final = 2048


class KeyUnusable(Exception):
    """Says what is wrong with a key, never what is in it."""


def request_content(params: Mapping[str, str]) -> bytes:
    """What a request's signature covers: the gateway drops blank values before it looks."""
    return _joined({name: value for name, value in params.items() if name != "sign" and value != ""})


def notice_content(params: Mapping[str, str]) -> bytes:
    """What the signature of a notify or a return covers: blank values too, but not the name of the procedure."""
    return _joined({name: value for name, value in params.items() if name not in {"sign", "sign_type"}})


def _joined(params: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(params.items())).encode()


def sign(key: RSAPrivateKey, content: bytes) -> str:
    return base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode()


def verify(keys: Sequence[RSAPublicKey], content: bytes, signature: str) -> bool:
    """True if any of the keys signed exactly this; false for everything else, whatever was sent as a signature."""
    try:
        raw = base64.b64decode(signature.encode(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_verified(key, content, raw) for key in keys)


def _verified(key: RSAPublicKey, content: bytes, raw: bytes) -> bool:
    try:
        key.verify(raw, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def private_key(text: str) -> RSAPrivateKey:
    """From PEM or bare base64, PKCS#1 or PKCS#8. Raises KeyUnusable."""
    try:
        key = load_der_private_key(_der(text), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnusable("this is no RSA private key in PKCS#1 or PKCS#8") from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyUnusable("RSA2 needs an RSA key")
    _check_size(key.key_size)
    return key


def public_key(text: str) -> RSAPublicKey:
    """From PEM or bare base64. Raises KeyUnusable."""
    try:
        key = load_der_public_key(_der(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnusable("this is no RSA public key") from None
    if not isinstance(key, RSAPublicKey):
        raise KeyUnusable("RSA2 needs an RSA key")
    _check_size(key.key_size)
    return key


def private_key_file(path: Path) -> RSAPrivateKey:
    return private_key(_text_of(path))


def public_key_file(path: Path) -> RSAPublicKey:
    return public_key(_text_of(path))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise KeyUnusable(f"{path.name} cannot be read") from None


def _der(text: str) -> bytes:
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise KeyUnusable("the key is neither PEM nor base64") from None


def _check_size(bits: int) -> None:
    if bits < LEAST_BITS:
        raise KeyUnusable(f"the key has {bits} bits; at least {LEAST_BITS} are needed")


def is_simulator_key(key: RSAPublicKey) -> bool:
    return key.public_numbers().e == SIMULATOR_EXPONENT


def fingerprint(key: RSAPublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
