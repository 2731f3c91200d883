"""Signatures of the beacon on BLS12-381: signature in G1 (48 bytes), public key in G2 (96 bytes)."""

from functools import lru_cache
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from market.beacon.rules import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, BeaconInvalid, round_message

GROUP_ORDER: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
SIGNATURE_TAG: Final = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_G2: Final = G2Point()
_NO_G1: Final = G1Point.identity()
_NO_G2: Final = G2Point.identity()


def signature_point(data: bytes) -> G1Point:
    """A point of G1 in its only accepted encoding; infinity and any second spelling are refused."""
    if len(data) != SIGNATURE_BYTES:
        raise BeaconInvalid("a signature has 48 bytes")
    try:
        point = G1Point.from_compressed_bytes(data)
    except ValueError as error:
        raise BeaconInvalid("the signature is no point of the group") from error
    if point == _NO_G1 or bytes(point.to_compressed_bytes()) != data:
        raise BeaconInvalid("the signature is not canonical")
    return point


@lru_cache(maxsize=64)
def key_point(data: bytes) -> G2Point:
    """A point of G2 (public key, or the U of a sealed bid) in its only accepted encoding."""
    if len(data) != PUBLIC_KEY_BYTES:
        raise BeaconInvalid("a public key has 96 bytes")
    try:
        point = G2Point.from_compressed_bytes(data)
    except ValueError as error:
        raise BeaconInvalid("the public key is no point of the group") from error
    if point == _NO_G2 or bytes(point.to_compressed_bytes()) != data:
        raise BeaconInvalid("the public key is not canonical")
    return point


@lru_cache(maxsize=256)
def round_point(number: int) -> G1Point:
    """The point of G1 that stands for a round."""
    return G1Point.hash_to_curve(round_message(number), SIGNATURE_TAG)


@lru_cache(maxsize=1024)
def signature_is_valid(public_key: bytes, number: int, signature: bytes) -> bool:
    """Whether `signature` is the one signature of round `number` under `public_key`."""
    try:
        point, key = signature_point(signature), key_point(public_key)
    except BeaconInvalid:
        return False
    return GT.pairing_check([point, -round_point(number)], [_G2, key])


def public_key_of(secret: int) -> bytes:
    """The 96-byte public key of a secret in [1, group order - 1]."""
    return bytes((_G2 * _scalar(secret)).to_compressed_bytes())


def sign_round(secret: int, number: int) -> bytes:
    """The 48-byte signature of a round; there is no way to sign anything but a round number."""
    return bytes((round_point(number) * _scalar(secret)).to_compressed_bytes())


def _scalar(secret: int) -> Scalar:
    if not 1 <= secret < GROUP_ORDER:
        raise BeaconInvalid("the secret is out of range")
    return Scalar.from_be_bytes(secret.to_bytes(32, "big"))
