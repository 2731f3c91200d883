"""A beacon of our own, with drand's scheme and HTTP shape, for demonstrations and tests.

It keeps its rules as the public network does (no round before its time), but whoever holds its key file could
compute any round early: so it is always a demonstration beacon.
"""

import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from market.beacon import bls
from market.beacon.rules import BeaconInvalid, Chain, Round, is_public, is_round_number
from market.kernel.clock import Clock

PERIOD: Final = 3
GENESIS: Final = 1_451_606_400  # 2016-01-01: older than any procedure a demonstration replays
BEACON_ID: Final = "local"


class KeyFileUnsafe(Exception):
    """Others could read the beacon's secret, or the file holds none."""


@dataclass(frozen=True, repr=False)
class _Key:
    secret: int
    chain: Chain


class LocalBeacon:
    """Signs rounds on demand, never before their time by `clock`."""

    demonstration: Final = True

    def __init__(self, key: _Key, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    @classmethod
    def from_key_file(cls, path: Path, clock: Clock) -> "LocalBeacon":
        """The beacon whose random key is kept at `path` (made at the first start, readable by its owner only)."""
        if not path.exists():
            _write_once(path, secrets.randbelow(bls.GROUP_ORDER - 1) + 1)
        return cls(_key_of(_read_secret(path)), clock)

    @classmethod
    def from_seed(cls, seed: str, clock: Clock) -> "LocalBeacon":
        """A beacon that is the same wherever the same words are said: for tests and reproducible demonstrations."""
        digest = hashlib.sha256(b"local beacon seed " + seed.encode("utf8")).digest()
        return cls(_key_of(int.from_bytes(digest, "big") % (bls.GROUP_ORDER - 1) + 1), clock)

    @property
    def chain(self) -> Chain:
        return self._key.chain

    async def round(self, number: int) -> Round | None:
        if not is_round_number(number) or not is_public(self.chain, number, self._clock.now()):
            return None
        return Round(number, bls.sign_round(self._key.secret, number))

    def at(self, clock: Clock) -> "LocalBeacon":
        """The same beacon by another clock: what whoever runs it could know early."""
        return LocalBeacon(self._key, clock)

    async def close(self) -> None:
        """Nothing is held open."""


def _key_of(secret: int) -> _Key:
    public_key = bls.public_key_of(secret)
    group_hash = hashlib.sha256(b"local beacon group " + public_key).digest()
    return _Key(secret, Chain(public_key, PERIOD, GENESIS, group_hash, BEACON_ID))


def _write_once(path: Path, secret: int) -> None:
    """Create the file complete and private, or leave the one another process made first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    text = json.dumps({"scheme": "bls-unchained-g1-rfc9380", "secret": f"{secret:064x}"})
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read_secret(path: Path) -> int:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileUnsafe(f"{path} holds the beacon's secret and must be readable by its owner only (chmod 600)")
    try:
        secret = int(json.loads(path.read_text("ascii"))["secret"], 16)
        bls.public_key_of(secret)
    except (ValueError, KeyError, TypeError, BeaconInvalid) as error:
        raise KeyFileUnsafe(f"{path} holds no key of a beacon") from error
    return secret
