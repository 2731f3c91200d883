"""Encryption to a round that does not exist yet: Boneh-Franklin with the Fujisaki-Okamoto check, as drand's tlock.

The key that opens is the beacon's signature of the round. Names follow the scheme: U, V and W are the three parts of
a sealed key; H2, H3 and H4 its hash functions. All curve arithmetic is the library's.
"""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from market.beacon.bls import GROUP_ORDER, key_point, round_point
from market.beacon.rules import PUBLIC_KEY_BYTES, BeaconInvalid

KEY_BYTES: Final = 16
SEALED_KEY_BYTES: Final = PUBLIC_KEY_BYTES + 2 * KEY_BYTES
_G2: Final = G2Point()


class ProofFailed(ValueError):
    """The signature does not open this: it was sealed to something else, or altered, or is noise."""


def seal_key(public_key: bytes, number: int, key: bytes, sigma: bytes) -> bytes:
    """U | V | W (128 bytes) for a key of 16 bytes and round `number`; `sigma` is 16 fresh random bytes."""
    if len(key) != KEY_BYTES or len(sigma) != KEY_BYTES:
        raise ValueError("key and sigma have 16 bytes each")
    scalar = h3(sigma, key)
    shared = GT.pairing(round_point(number) * scalar, key_point(public_key))
    return bytes((_G2 * scalar).to_compressed_bytes()) + _xor(sigma, h2(shared)) + _xor(key, h4(sigma))


def open_key(signature: G1Point, sealed: bytes) -> bytes:
    """The 16 bytes that were sealed. Raises ProofFailed, and BeaconInvalid where U is no strict point of the group."""
    if len(sealed) != SEALED_KEY_BYTES:
        raise ProofFailed("a sealed key has 128 bytes")
    u, v, w = parts(sealed)
    point = key_point(u)
    sigma = _xor(v, h2(GT.pairing(signature, point)))
    key = _xor(w, h4(sigma))
    if _G2 * h3(sigma, key) != point:
        raise ProofFailed("the signature of this round does not open it")
    return key


def parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """U (96 bytes), V and W (16 each)."""
    middle = PUBLIC_KEY_BYTES + KEY_BYTES
    return sealed[:PUBLIC_KEY_BYTES], sealed[PUBLIC_KEY_BYTES:middle], sealed[middle:]


def target_bytes(element: GT) -> bytes:
    """The 576 bytes that tlock hashes: twelve big-endian numbers, the highest coefficient first.

    The library's `str` is the little-endian form with the lowest first, so the reversed bytes are the wanted ones.
    """
    return bytes.fromhex(str(element))[::-1]


def h2(element: GT) -> bytes:
    return hashlib.sha256(b"IBE-H2" + target_bytes(element)).digest()[:KEY_BYTES]


def h3(sigma: bytes, key: bytes) -> Scalar:
    """A scalar by rejection: candidates are hashed until one is below the order of the group."""
    digest = hashlib.sha256(b"IBE-H3" + sigma + key).digest()
    for attempt in count(1):
        candidate = bytearray(hashlib.sha256(attempt.to_bytes(2, "little") + digest).digest())
        candidate[0] >>= 1
        if int.from_bytes(candidate, "big") < GROUP_ORDER:
            return Scalar.from_be_bytes(bytes(candidate))
    raise AssertionError("unreachable: about one candidate in eleven is rejected")


def h4(sigma: bytes) -> bytes:
    return hashlib.sha256(b"IBE-H4" + sigma).digest()[:KEY_BYTES]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


def _check_the_library() -> None:
    """`str` of a pairing is no documented format: a library that changed it would seal what nobody can open."""
    if h2(GT.pairing(G1Point(), _G2)).hex() != "cb87319f24560b5231579a09ad79f12e":
        raise BeaconInvalid("this version of py-arkworks-bls12381 writes pairings otherwise: sealing would be lost")


_check_the_library()
