"""The beacon over HTTP: drand's shape, verified from outside, never early; and the page that says whose it is."""

import re
from datetime import timedelta

import httpx

from market.beacon.actions import obtain_round
from market.beacon.drand import DrandBeacon
from market.beacon.local import LocalBeacon
from market.beacon.rules import QUICKNET, Chain, commit_round, round_time
from market.demo.world import World
from market.kernel.clock import FixedClock


def chain_of(info: dict[str, object]) -> Chain:
    """The chain as a stranger reads it from /info."""
    return Chain(
        public_key=bytes.fromhex(str(info["public_key"])),
        period=int(str(info["period"])),
        genesis=int(str(info["genesis_time"])),
        group_hash=bytes.fromhex(str(info["groupHash"])),
        beacon_id=str(info["metadata"]["beaconID"]),  # type: ignore[index]
        scheme=str(info["schemeID"]),
    )


async def test_parameters_give_the_chain_hash(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.get(f"/beacon/{world.beacon.chain.hash}/info")
    assert answer.status_code == 200
    assert answer.json()["hash"] == chain_of(answer.json()).hash == world.beacon.chain.hash


async def test_a_round_is_served_from_its_instant_on(client: httpx.AsyncClient, world: World) -> None:
    chain, clock = world.beacon.chain, world.clock
    number = commit_round(chain, clock.now())
    clock.set(round_time(chain, number) - timedelta(microseconds=1))
    early = await client.get(f"/beacon/{chain.hash}/public/{number}")
    assert (early.status_code, early.headers["cache-control"]) == (425, "no-store")
    clock.set(round_time(chain, number))
    found = await world.beacon.round(number)
    assert found is not None
    answer = await client.get(f"/beacon/{chain.hash}/public/{number}")
    assert answer.json() == {
        "round": number,
        "signature": found.signature.hex(),
        "randomness": found.randomness.hex(),
    }
    assert "immutable" in answer.headers["cache-control"]
    latest = await client.get(f"/beacon/{chain.hash}/public/latest")
    assert latest.json() == answer.json()
    assert latest.headers["cache-control"] == "no-store"


async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient, world: World) -> None:
    chain = world.beacon.chain.hash
    for path in (f"{QUICKNET.hash}/info", f"{QUICKNET.hash}/public/1", f"{chain}/public/0", f"{chain}/public/-1",
                 f"{chain}/public/1.5", f"{chain}/public/x", f"{chain}/public/{2**53}", f"{chain}/public/{'9' * 40}",
                 f"{chain}/public/%D9%A1", f"{chain}/public/²"):  # fmt: skip
        assert (await client.get(f"/beacon/{path}")).status_code == 404, path


async def test_far_rounds_are_not_yet(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.get(f"/beacon/{world.beacon.chain.hash}/public/{2**53 - 1}")
    assert answer.status_code == 425


async def test_our_drand_client_can_read_it(client: httpx.AsyncClient, world: World) -> None:
    """The local beacon is a relay of itself: client and server speak the same protocol."""
    chain = world.beacon.chain
    relay = DrandBeacon(chain, ["http://127.0.0.1:8000/beacon"], world.clock)
    relay._client = client
    number = commit_round(chain, world.clock.now())
    assert await relay.round(number) is None
    world.clock.set(round_time(chain, number))
    assert await relay.round(number) == await world.beacon.round(number)


async def test_the_page_says_that_this_is_a_demonstration(client: httpx.AsyncClient, world: World) -> None:
    number = commit_round(world.beacon.chain, world.clock.now() - timedelta(hours=1))
    await obtain_round(world.beacon, number, now=world.clock.now())
    page = await client.get("/beacon")
    assert page.status_code == 200
    assert "演示用信标" in page.text
    assert world.beacon.chain.hash in re.sub(r"<[^>]+>", "", page.text).replace("\n", "")
    assert f"/public/{number}" in page.text


async def test_the_page_of_the_public_network(client: httpx.AsyncClient, world: World) -> None:
    world.running.beacon = DrandBeacon(QUICKNET, ["https://api.drand.sh"], world.clock)
    page = await client.get("/beacon")
    assert page.status_code == 200
    assert "演示用信标" not in page.text
    assert "drand quicknet" in page.text


async def test_of_the_public_network_only_used_rounds_are_passed_on(client: httpx.AsyncClient, world: World) -> None:
    """We are no relay for all the world: a round that no draw used is not fetched for a visitor."""
    used_clock = FixedClock(world.clock.now())
    source = LocalBeacon.from_seed("another network", used_clock)
    relayed = DrandBeacon(source.chain, ["http://127.0.0.1:9"], world.clock)
    world.running.beacon = relayed
    found = await obtain_round(source, 1000, now=world.clock.now())
    used = await client.get(f"/beacon/{source.chain.hash}/public/1000")
    assert found is not None
    assert used.json()["signature"] == found.signature.hex()
    assert (await client.get(f"/beacon/{source.chain.hash}/public/1001")).status_code == 404
