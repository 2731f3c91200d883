"""A round that the market relies on: verified, stored once, verified again when read."""

import asyncio

import asyncpg
import pytest

from market.beacon.actions import obtain_round
from market.beacon.local import LocalBeacon
from market.beacon.queries import stored_round, used_rounds
from market.beacon.rules import BeaconInvalid, Chain, Round, commit_round, round_time
from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch_value, transaction


class Lying:
    """A beacon that gives a genuine signature of another round."""

    demonstration = True

    def __init__(self, honest: LocalBeacon) -> None:
        self.honest = honest
        self.asked = 0

    @property
    def chain(self) -> Chain:
        return self.honest.chain

    async def round(self, number: int) -> Round | None:
        self.asked += 1
        found = await self.honest.round(number - 1)
        return found and Round(number, found.signature)

    async def close(self) -> None: ...


@pytest.fixture
def beacon(clock: FixedClock) -> LocalBeacon:
    return LocalBeacon.from_seed("obtaining", clock)


async def stored() -> int:
    return int(await fetch_value("SELECT count(*) FROM beacon_round"))


async def test_a_round_is_waited_for_and_then_kept(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    number = commit_round(beacon.chain, clock.now())
    assert await obtain_round(beacon, number, now=clock.now()) is None
    assert await stored() == 0
    clock.set(round_time(beacon.chain, number))
    found = await obtain_round(beacon, number, now=clock.now())
    assert found == await beacon.round(number) == await stored_round(beacon.chain, number)
    (used,) = await used_rounds(beacon.chain)
    assert (used.published, used.public_at, used.received_at) == (found, clock.now(), clock.now())


async def test_a_kept_round_is_not_asked_for_again(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    found = await obtain_round(beacon, 1000, now=clock.now())
    silent = Lying(beacon)
    assert await obtain_round(silent, 1000, now=clock.now()) == found
    assert silent.asked == 0


async def test_many_who_ask_at_once_store_one(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    found = await asyncio.gather(*(obtain_round(beacon, 1000, now=clock.now()) for _ in range(8)))
    assert len(set(found)) == 1
    assert await stored() == 1


async def test_a_false_signature_is_not_stored(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    with pytest.raises(BeaconInvalid, match="false signature"):
        await obtain_round(Lying(beacon), 1000, now=clock.now())
    assert await stored() == 0


async def test_an_altered_table_is_noticed(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    other = await beacon.round(999)
    assert other is not None
    await execute(
        "INSERT INTO beacon_round (id, chain, round, signature, received_at) "
        "VALUES (gen_random_uuid(), $1, 1000, $2, $3)",
        beacon.chain.hash,
        other.signature,
        clock.now(),
    )
    with pytest.raises(BeaconInvalid, match="stored signature"):
        await obtain_round(beacon, 1000, now=clock.now())


async def test_nothing_is_asked_inside_a_transaction(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError, match="before opening the transaction"):
        async with transaction():
            await obtain_round(beacon, 1000, now=clock.now())


async def test_rounds_are_never_changed(database: str, beacon: LocalBeacon, clock: FixedClock) -> None:
    await obtain_round(beacon, 1000, now=clock.now())
    with pytest.raises(asyncpg.PostgresError):
        await execute("UPDATE beacon_round SET round = 1001")
    with pytest.raises(asyncpg.PostgresError):
        await execute("DELETE FROM beacon_round")


@pytest.mark.parametrize(
    ("chain", "number", "length", "constraint"),
    [
        ("AB" * 32, 1, 48, "beacon_round_chain"),
        ("ab" * 31, 1, 48, "beacon_round_chain"),
        ("ab" * 32, 0, 48, "beacon_round_number"),
        ("ab" * 32, 1, 47, "beacon_round_signature"),
    ],
)
async def test_constraints(
    database: str, clock: FixedClock, chain: str, number: int, length: int, constraint: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await execute(
            "INSERT INTO beacon_round (id, chain, round, signature, received_at) "
            "VALUES (gen_random_uuid(), $1, $2, $3, $4)",
            chain,
            number,
            bytes(length),
            clock.now(),
        )
    assert caught.value.constraint_name == constraint
