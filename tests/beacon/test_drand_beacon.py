"""The drand client against real HTTP relays on this machine: honest, early, failing, lying, silent and endless ones."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn

from market.beacon import rules
from market.beacon.drand import DrandBeacon
from market.beacon.local import LocalBeacon
from market.beacon.routes import round_of
from market.kernel.clock import FixedClock

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NUMBER = 1000
Answer = Callable[["Relays", int], Awaitable[tuple[int, bytes]]]


class Relays:
    """One server; each relay is a path prefix with its own behaviour, so one port plays them all."""

    def __init__(self, behaviours: dict[str, Answer]) -> None:
        self.behaviours = behaviours
        self.clock = FixedClock(NOW)
        self.source = LocalBeacon.from_seed("relays", self.clock)
        self.asked: list[str] = []
        self.never = asyncio.Event()
        self.base = ""
        self.monotonic = 0.0

    def beacon(self, *names: str, patience: float = 5.0) -> DrandBeacon:
        return DrandBeacon(
            self.source.chain,
            [f"{self.base}/{name}" for name in names],
            self.clock,
            patience=patience,
            monotonic=lambda: self.monotonic,
        )

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        _, name, chain, _, number = scope["path"].split("/")
        assert chain == self.source.chain.hash
        self.asked.append(name)
        status, body = await self.behaviours[name](self, int(number))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


async def honest(relays: Relays, number: int) -> tuple[int, bytes]:
    found = await relays.source.round(number)
    assert found is not None
    return 200, json.dumps(round_of(found)).encode()


async def early(relays: Relays, number: int) -> tuple[int, bytes]:
    return 425, b"{}"


async def broken(relays: Relays, number: int) -> tuple[int, bytes]:
    return 500, b"oops"


async def moved(relays: Relays, number: int) -> tuple[int, bytes]:
    return 302, b""


async def another_round(relays: Relays, number: int) -> tuple[int, bytes]:
    """Says it is the right round, with a genuine signature of the one before."""
    found = await relays.source.round(number - 1)
    assert found is not None
    return 200, json.dumps({**round_of(found), "round": number}).encode()


async def another_key(relays: Relays, number: int) -> tuple[int, bytes]:
    found = await LocalBeacon.from_seed("impostor", relays.clock).round(number)
    assert found is not None
    return 200, json.dumps(round_of(found)).encode()


async def false_randomness(relays: Relays, number: int) -> tuple[int, bytes]:
    status, body = await honest(relays, number)
    return status, json.dumps({**json.loads(body), "randomness": "00" * 32, "round": 7}).encode()


async def gibberish(relays: Relays, number: int) -> tuple[int, bytes]:
    return 200, b"<html>maintenance</html>"


async def no_signature(relays: Relays, number: int) -> tuple[int, bytes]:
    return 200, b'{"signature":null}'


async def infinity(relays: Relays, number: int) -> tuple[int, bytes]:
    return 200, json.dumps({"signature": "c0" + "00" * 47}).encode()


async def endless(relays: Relays, number: int) -> tuple[int, bytes]:
    return 200, b" " * 100_000


async def silent(relays: Relays, number: int) -> tuple[int, bytes]:
    await relays.never.wait()
    return 200, b""


ALL: dict[str, Answer] = {
    behaviour.__name__: behaviour
    for behaviour in (
        honest, early, broken, moved, another_round, another_key, false_randomness, gibberish, no_signature, infinity,
        endless, silent,
    )
}  # fmt: skip


@asynccontextmanager
async def served() -> AsyncIterator[Relays]:
    relays = Relays(dict(ALL))
    listener = socket.create_server(("127.0.0.1", 0))
    relays.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(relays, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield relays
    finally:
        relays.never.set()
        server.should_exit = True
        await serving


def with_relays(test: Callable[[Relays], Awaitable[None]]) -> None:
    async def run() -> None:
        async with served() as relays:
            await test(relays)

    asyncio.run(run())


async def expect(relays: Relays, beacon: DrandBeacon) -> None:
    found = await beacon.round(NUMBER)
    assert found == await relays.source.round(NUMBER)
    await beacon.close()


def test_an_honest_relay_suffices() -> None:
    async def test(relays: Relays) -> None:
        await expect(relays, relays.beacon("honest"))

    with_relays(test)


def test_every_bad_relay_is_passed_over() -> None:
    bad = [name for name in ALL if name not in {"honest", "silent", "false_randomness"}]

    async def test(relays: Relays) -> None:
        await expect(relays, relays.beacon(*bad, "honest"))
        assert relays.asked == [*bad, "honest"]

    with_relays(test)


def test_no_bad_relay_gives_a_round_by_itself() -> None:
    async def test(relays: Relays) -> None:
        for name in ALL.keys() - {"honest", "silent", "false_randomness"}:
            beacon = relays.beacon(name)
            assert await beacon.round(NUMBER) is None, name
            await beacon.close()

    with_relays(test)


def test_only_the_signature_of_an_answer_counts() -> None:
    """What a relay says of randomness and round number is not even read."""

    async def test(relays: Relays) -> None:
        await expect(relays, relays.beacon("false_randomness"))

    with_relays(test)


def test_a_relay_that_never_answers_is_given_up() -> None:
    async def test(relays: Relays) -> None:
        await expect(relays, relays.beacon("silent", "honest", patience=0.2))
        assert relays.asked == ["silent", "honest"]

    with_relays(test)


def test_an_unreachable_relay_is_passed_over() -> None:
    async def test(relays: Relays) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        beacon = DrandBeacon(relays.source.chain, [address, f"{relays.base}/honest"], relays.clock)
        await expect(relays, beacon)

    with_relays(test)


def test_a_failing_relay_is_left_alone_longer_each_time() -> None:
    async def test(relays: Relays) -> None:
        beacon = relays.beacon("broken")
        pauses = []
        for _ in range(10):
            asked = len(relays.asked)
            await beacon.round(NUMBER)
            assert len(relays.asked) == asked + 1
            await beacon.round(NUMBER)
            assert len(relays.asked) == asked + 1, "asked again during its pause"
            pauses.append(beacon._relays[0].asleep_until - relays.monotonic)
            relays.monotonic = beacon._relays[0].asleep_until
        assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
        relays.behaviours["broken"] = honest
        await expect(relays, beacon)
        assert beacon._relays[0].failures == 0

    with_relays(test)


def test_not_yet_is_no_failure() -> None:
    async def test(relays: Relays) -> None:
        beacon = relays.beacon("early")
        assert await beacon.round(NUMBER) is None
        relays.behaviours["early"] = honest
        await expect(relays, beacon)

    with_relays(test)


def test_the_reliable_relay_is_asked_first() -> None:
    async def test(relays: Relays) -> None:
        beacon = relays.beacon("broken", "honest")
        await beacon.round(NUMBER)
        relays.monotonic += 10
        await beacon.round(NUMBER)
        assert relays.asked == ["broken", "honest", "honest"]
        await beacon.close()

    with_relays(test)


def test_a_future_round_is_not_asked_for() -> None:
    async def test(relays: Relays) -> None:
        beacon = relays.beacon("honest")
        number = rules.commit_round(beacon.chain, NOW)
        assert await beacon.round(number) is None
        assert relays.asked == []
        relays.clock.advance(seconds=9)
        assert await beacon.round(number) == await relays.source.round(number)
        await beacon.close()

    with_relays(test)


def test_a_round_is_waited_for_and_never_replaced() -> None:
    """While relays are down nothing comes, however late it gets; afterwards the very same round."""

    async def test(relays: Relays) -> None:
        beacon = relays.beacon("broken")
        for _ in range(3):
            relays.monotonic += 1000
            relays.clock.advance(days=1)
            assert await beacon.round(NUMBER) is None
        relays.monotonic += timedelta(days=1).total_seconds()
        relays.behaviours["broken"] = honest
        await expect(relays, beacon)

    with_relays(test)
