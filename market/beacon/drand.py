"""The public randomness network drand, read through any of several relays.

A relay is never trusted: an answer counts if its signature verifies under the pinned key, whoever gave it. A relay
that errs, lies or stays silent is left alone for a while. A round is waited for, never replaced.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from market.beacon import bls
from market.beacon.rules import Chain, Round, is_public, is_round_number
from market.kernel.clock import Clock

log = logging.getLogger(__name__)
PATIENCE: Final = 4.0  # seconds for one answer of one relay, from the first byte asked to the last received
LONGEST_PAUSE: Final = 300.0
LARGEST_ANSWER: Final = 16 * 1024
NOT_YET: Final = frozenset({404, 425})


class _RelayFailed(Exception):
    """The relay gave nothing that can be used."""


@dataclass
class _Relay:
    base: str
    failures: int = 0
    asleep_until: float = 0.0

    def failed(self, now: float) -> None:
        self.failures += 1
        self.asleep_until = now + min(LONGEST_PAUSE, 2.0 ** min(self.failures, 16))

    def succeeded(self) -> None:
        self.failures, self.asleep_until = 0, 0.0


class DrandBeacon:
    """Rounds of `chain` from `relays` (base addresses). `monotonic` measures the pauses, in seconds."""

    demonstration: Final = False

    def __init__(
        self,
        chain: Chain,
        relays: Sequence[str],
        clock: Clock,
        *,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not relays:
            raise ValueError("drand needs at least one relay")
        self._chain = chain
        self._relays = [_Relay(base.rstrip("/")) for base in relays]
        self._clock = clock
        self._patience = patience
        self._monotonic = monotonic
        self._client: httpx.AsyncClient | None = None

    @property
    def chain(self) -> Chain:
        return self._chain

    async def round(self, number: int) -> Round | None:
        if not is_round_number(number) or not is_public(self._chain, number, self._clock.now()):
            return None
        for relay in self._awake():
            try:
                found = await self._ask(relay, number)
            except _RelayFailed as problem:
                relay.failed(self._monotonic())
                log.warning("beacon relay %s is skipped: %s", relay.base, problem)
                continue
            relay.succeeded()
            if found is not None:
                return found
        return None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _awake(self) -> list[_Relay]:
        """Relays to ask now, the most reliable first."""
        now = self._monotonic()
        return sorted((relay for relay in self._relays if relay.asleep_until <= now), key=lambda relay: relay.failures)

    async def _ask(self, relay: _Relay, number: int) -> Round | None:
        """The round, or None if the relay does not have it yet."""
        status, body = await self._get(f"{relay.base}/{self._chain.hash}/public/{number}")
        if status in NOT_YET:
            return None
        if status != 200:
            raise _RelayFailed(f"status {status}")
        signature = _signature_in(body)
        if not bls.signature_is_valid(self._chain.public_key, number, signature):
            raise _RelayFailed(f"its signature of round {number} is false")
        return Round(number, signature)

    async def _get(self, url: str) -> tuple[int, bytes]:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._patience, follow_redirects=False)
        try:
            # httpx limits each read; a relay that sends a byte now and then is only stopped by a limit on the whole.
            async with asyncio.timeout(self._patience), self._client.stream("GET", url) as response:
                return response.status_code, await _limited(response)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as problem:
            raise _RelayFailed(f"{type(problem).__name__} {problem}".strip()) from problem


async def _limited(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise _RelayFailed("its answer does not end")
    return body


def _signature_in(body: bytes) -> bytes:
    """Only the signature is read: the randomness is computed from it, the round number is what was asked for."""
    try:
        return bytes.fromhex(json.loads(body)["signature"])
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise _RelayFailed("its answer holds no signature") from problem
