"""Sealed entries: text that opens by itself at a beacon round, and that nobody can read before.

`seal` makes what the npm package tlock-js and drand's own tool `tle` make: an armored age file whose key is encrypted
to the future signature of one round. `check` judges a file on arrival without opening it; `Opening` opens
all files of a round once its signature is out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from market.beacon import age, bls, ibe
from market.beacon.rules import BeaconInvalid, Chain, Round, is_round_number

MOST_CHARACTERS: Final = 8 * 1024


class Flaw(StrEnum):
    """What is wrong with a sealed file. The first six are found on arrival, the last two only when it opens."""

    TOO_LONG = "too_long"
    NOT_AGE = "not_age"
    OTHER_CHAIN = "other_chain"
    OTHER_ROUND = "other_round"
    SEALED_KEY = "sealed_key"
    POINT = "point"
    NOT_FOR_ROUND = "not_for_round"
    ALTERED = "altered"


class SealInvalid(ValueError):
    """A sealed file that does not count; `flaw` says why."""

    def __init__(self, flaw: Flaw, detail: str) -> None:
        super().__init__(detail)
        self.flaw = flaw


class Malformed(SealInvalid):
    """Refused on arrival: its form alone shows that it could not open with this project's round."""


class Unopenable(SealInvalid):
    """Well formed, yet the round's signature does not open it: its contents count as never sent."""


@dataclass(frozen=True)
class Chance:
    """The random bytes of one sealing, 16 each. Never used twice."""

    file_key: bytes
    sigma: bytes
    nonce: bytes

    @classmethod
    def fresh(cls) -> Chance:
        return cls(*(secrets.token_bytes(ibe.KEY_BYTES) for _ in range(3)))


def seal(chain: Chain, number: int, plaintext: bytes, *, chance: Chance | None = None) -> str:
    """An armored age file that opens with the signature of round `number`.

    Its length tells the length of `plaintext` (1 byte or more): pad before sealing. Raises SealInvalid where the
    result would be longer than `check` accepts. `chance` is given by tests of known answers only.
    """
    if not is_round_number(number):
        raise BeaconInvalid(f"no beacon has a round {number}")
    given = chance or Chance.fresh()
    body = ibe.seal_key(chain.public_key, number, given.file_key, given.sigma)
    try:
        file = age.encrypt(given.file_key, given.nonce, number, chain.hash, body, plaintext)
    except age.AgeInvalid as error:
        raise Malformed(Flaw.TOO_LONG if plaintext else Flaw.NOT_AGE, str(error)) from error
    text = age.armor(file.encode())
    _check_length(text)
    return text


def check(armored: str, chain: Chain, number: int) -> None:
    """Refuse, without opening anything, what could never count for round `number`. Raises Malformed.

    At most 8 KB; canonical armor, header and base64; exactly one tlock stanza that names the chain and the round;
    U a point of the group in its only encoding and not infinity; a payload of at least one byte.
    Whether the file was really sealed to that round shows only when it opens.
    """
    _parse(armored, chain, number)


def addressed_to(armored: str, chain: Chain) -> int:
    """The round to which a file says that it is sealed, once everything else was judged as `check` does."""
    return _parse(armored, chain, None).number


class Opening:
    """Opens all files of one round.

    The signature is verified here and not taken on trust: with a wrong one every honest file would look invalid.
    """

    def __init__(self, chain: Chain, published: Round) -> None:
        """Raises BeaconInvalid unless `published` carries the chain's signature of that round."""
        if not bls.signature_is_valid(chain.public_key, published.number, published.signature):
            raise BeaconInvalid(f"this is not the signature of round {published.number}")
        self._chain = chain
        self._number = published.number
        self._signature = published.signature

    def open(self, armored: str) -> bytes:
        """The text that was sealed. Raises Malformed or Unopenable, whatever the bytes: one bad file stops no other."""
        file = _parse(armored, self._chain, self._number)
        try:
            return age.decrypt(file, _file_key(self._signature, file.body))
        except ibe.ProofFailed as error:
            raise Unopenable(Flaw.NOT_FOR_ROUND, str(error)) from error
        except age.NotAuthentic as error:
            raise Unopenable(Flaw.ALTERED, str(error)) from error


@lru_cache(maxsize=256)
def _file_key(signature: bytes, sealed: bytes) -> bytes:
    """With a published signature everybody can open what was sealed to its round, and does so again for each dossier."""
    return ibe.open_key(bls.signature_point(signature), sealed)


def _parse(armored: str, chain: Chain, number: int | None) -> age.SealedFile:
    _check_length(armored)
    try:
        file = age.decode(age.unarmor(armored))
    except age.AgeInvalid as error:
        raise Malformed(Flaw.NOT_AGE, str(error)) from error
    if file.chain_hash != chain.hash:
        raise Malformed(Flaw.OTHER_CHAIN, "sealed to another beacon")
    if number is not None and file.number != number:
        raise Malformed(Flaw.OTHER_ROUND, f"sealed to round {file.number} instead of {number}")
    if len(file.body) != ibe.SEALED_KEY_BYTES:
        raise Malformed(Flaw.SEALED_KEY, "the sealed key has another length than 128 bytes")
    try:
        bls.key_point(ibe.parts(file.body)[0])
    except BeaconInvalid as error:
        raise Malformed(Flaw.POINT, "the sealed key does not start with a point of the group") from error
    return file


def _check_length(armored: str) -> None:
    if len(armored) > MOST_CHARACTERS:
        raise Malformed(Flaw.TOO_LONG, f"a sealed entry has at most {MOST_CHARACTERS} characters")
