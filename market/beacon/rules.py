"""What a beacon is: a chain of rounds, each a signature nobody could know before its time.

Pure arithmetic and hashes; the curve mathematics is in `market.beacon.bls`.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

SCHEME: Final = "bls-unchained-g1-rfc9380"
SAFETY_PERIODS: Final = 2
MAX_ROUND: Final = 2**53 - 1  # the largest integer that every JSON reader agrees on
PUBLIC_KEY_BYTES: Final = 96
SIGNATURE_BYTES: Final = 48
GROUP_HASH_BYTES: Final = 32
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class BeaconInvalid(ValueError):
    """Parameters or a signature that no honest beacon publishes."""


@dataclass(frozen=True)
class Chain:
    """The parameters that identify a beacon; their hash is the chain hash a notice commits to.

    `period` and `genesis` are whole seconds (`genesis` since 1970, UTC: the time of round 1).
    """

    public_key: bytes
    period: int
    genesis: int
    group_hash: bytes
    beacon_id: str
    scheme: str = SCHEME

    def __post_init__(self) -> None:
        if self.scheme != SCHEME:
            raise BeaconInvalid(f"unknown beacon scheme {self.scheme!r}")
        if len(self.public_key) != PUBLIC_KEY_BYTES or len(self.group_hash) != GROUP_HASH_BYTES:
            raise BeaconInvalid("public key must have 96 bytes and group hash 32")
        if not 1 <= self.period < 2**32 or not 0 <= self.genesis < 2**40:
            raise BeaconInvalid("period or genesis out of range")
        if not self.beacon_id.isascii():
            raise BeaconInvalid("beacon id must be ASCII")

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the parameters in drand's order, as lower-case hexadecimal."""
        name = b"" if self.beacon_id == "default" else self.beacon_id.encode("ascii")
        numbers = self.period.to_bytes(4, "big") + self.genesis.to_bytes(8, "big")
        return hashlib.sha256(numbers + self.public_key + self.group_hash + name).hexdigest()


@dataclass(frozen=True)
class Round:
    """One published round. Its randomness is always computed here, never taken from a relay."""

    number: int
    signature: bytes

    @property
    def randomness(self) -> bytes:
        return hashlib.sha256(self.signature).digest()


QUICKNET: Final = Chain(
    public_key=bytes.fromhex(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    period=3,
    genesis=1692803367,
    group_hash=bytes.fromhex("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"),
    beacon_id="quicknet",
)
QUICKNET_HASH: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"


def is_round_number(number: int) -> bool:
    return 1 <= number <= MAX_ROUND


def round_message(number: int) -> bytes:
    """The 32 bytes a beacon signs for a round: SHA-256 of the number as eight big-endian bytes."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def round_time(chain: Chain, number: int) -> datetime:
    """The moment at which a round becomes public."""
    if not is_round_number(number):
        raise BeaconInvalid(f"no beacon has a round {number}")
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=chain.genesis + (number - 1) * chain.period)
    except OverflowError:
        raise BeaconInvalid(f"round {number} lies beyond the calendar") from None


def first_round_at_or_after(chain: Chain, moment: datetime) -> int:
    """The first round that becomes public at `moment` or later."""
    since_genesis = moment - datetime.fromtimestamp(chain.genesis, UTC)
    periods, rest = divmod(since_genesis, timedelta(seconds=chain.period))
    return max(1, periods + (1 if rest else 0) + 1)


def commit_round(chain: Chain, deadline: datetime, safety_periods: int = SAFETY_PERIODS) -> int:
    """The round a notice commits to: the first one not before the deadline plus the safety periods.

    The safety periods absorb clock differences, so that nobody can see the round and still sign up.
    """
    return first_round_at_or_after(chain, deadline + timedelta(seconds=safety_periods * chain.period))


def latest_round(chain: Chain, now: datetime) -> int | None:
    """The last round that is public at `now`, or None before the beacon's first."""
    since_genesis = now - datetime.fromtimestamp(chain.genesis, UTC)
    return since_genesis // timedelta(seconds=chain.period) + 1 if since_genesis >= timedelta() else None


def is_public(chain: Chain, number: int, now: datetime) -> bool:
    return round_time(chain, number) <= now


def moment_text(moment: datetime) -> str:
    """RFC 3339 UTC with all six digits: a rounded deadline could move to another round."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_moment(text: str) -> datetime:
    """The inverse of `moment_text`; ValueError for any other spelling."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is not a UTC time with microseconds")
    return datetime.fromisoformat(text)
