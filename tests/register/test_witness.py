"""The witness against a register that is honest, rewritten, rolled back, re-keyed, or not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from market.demo.world import World
from market.register.cosigning import add_witness
from market.register.keys import keys_in_force
from market.register.log import checkpoint, keys, witnesses
from market.register.notes import Kind, SigningKey, parse_note, verify
from market.register.rotation import rotate
from market.register.witness import (
    Alarm,
    Memory,
    StateUnreadable,
    Unreachable,
    Visit,
    alone,
    cosign,
    remember,
    remembered,
    submit,
    visit,
)
from tests.register.forging import by_force, rewrite_log, roll_back
from tests.register.test_reading import grow

WITNESS = SigningKey.from_seed("witness.example/w1", Kind.WITNESS, bytes(range(1, 33)))


@pytest.fixture
async def first(world: World, client: httpx.AsyncClient) -> Visit:
    await grow(world, 20)
    return await visit(client, Memory((await keys())[0].key))


async def test_it_follows_a_register_that_grows(first: Visit, world: World, client: httpx.AsyncClient) -> None:
    memory = first.memory
    for count in (1, 300, 7):
        await grow(world, count)
        seen = await visit(client, memory)
        assert (seen.grown, seen.size) == (count, (memory.checkpoint.size if memory.checkpoint else 0) + count)
        memory = seen.memory
    again = await visit(client, memory)
    assert (again.grown, again.memory) == (0, memory)


async def test_it_cosigns_and_its_line_is_served(first: Visit, world: World, client: httpx.AsyncClient) -> None:
    await add_witness(WITNESS.verifier.text, "审计局", now=world.now)
    seen = cosign(first, WITNESS, time=1_780_000_000)
    assert seen.cosigned is not None
    await submit(client, seen.cosigned)
    assert [view.size for view in await witnesses()] == [seen.size]
    served = parse_note((await client.get("/register/checkpoint")).text)
    assert WITNESS.verifier in verify(served, [(await keys())[0].key, WITNESS.verifier])
    assert (await visit(client, seen.memory)).memory == seen.memory, (
        "lines of witnesses are no part of what it remembers"
    )


async def test_a_rewritten_register_is_an_alarm(first: Visit, world: World, client: httpx.AsyncClient) -> None:
    """One entry changed and everything signed anew with the real key: nothing but a memory can tell."""
    await by_force('UPDATE register_entry SET data = \'{"reason": "another"}\' WHERE written = 5')
    await rewrite_log()
    with pytest.raises(Alarm, match="rewritten") as caught:
        await visit(client, first.memory)
    assert len(caught.value.evidence) == 2
    await grow(world, 30)
    with pytest.raises(Alarm, match="rewritten"):
        await visit(client, first.memory)


async def test_a_register_that_went_back_is_an_alarm(first: Visit, world: World, client: httpx.AsyncClient) -> None:
    await grow(world, 10)
    seen = await visit(client, first.memory)
    await roll_back(first.size)
    with pytest.raises(Alarm, match="does not prove"):
        await visit(client, seen.memory)
    await grow(world, 10)
    with pytest.raises(Alarm, match="rewritten"):
        await visit(client, seen.memory)


class Replica(httpx.AsyncBaseTransport):
    """A server that lags behind: it answers with an older checkpoint, and proofs as the newest state gives them."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, instead: Callable[[httpx.Request], httpx.Response | None]
    ) -> None:
        self.inner, self.instead = inner, instead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.instead(request) or await self.inner.handle_async_request(request)


def through(client: httpx.AsyncClient, instead: Callable[[httpx.Request], httpx.Response | None]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=Replica(client._transport, instead), base_url="http://127.0.0.1:8000")


def always(answer: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: answer


async def test_an_older_checkpoint_that_fits_is_no_alarm(first: Visit, world: World, client: httpx.AsyncClient) -> None:
    await grow(world, 10)
    seen = await visit(client, first.memory)

    def lagging(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(200, text=first.memory.note) if request.url.path == "/register/checkpoint" else None

    async with through(client, lagging) as replica:
        again = await visit(replica, seen.memory)
    assert again.memory == seen.memory
    assert again.cosigned is None
    assert "older checkpoint" in again.remark


async def test_a_register_that_will_not_prove_is_an_alarm_and_one_that_cannot_is_not(
    first: Visit, world: World, client: httpx.AsyncClient
) -> None:
    await grow(world, 10)
    for status, expected in ((400, Alarm), (404, Alarm), (200, Alarm), (500, Unreachable), (503, Unreachable)):

        def refusing(request: httpx.Request, status: int = status) -> httpx.Response | None:
            return httpx.Response(status, text="no") if request.url.path == "/register/consistency" else None

        async with through(client, refusing) as other:
            with pytest.raises(expected):
                await visit(other, first.memory)


async def test_answers_that_say_nothing(first: Visit, client: httpx.AsyncClient) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    for answer in (
        httpx.Response(404), httpx.Response(200, text="<html>"), httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(302, headers={"location": "/"}), httpx.Response(200, content=b"x" * (1 << 21)),
    ):  # fmt: skip
        async with through(client, always(answer)) as other:
            with pytest.raises(Unreachable):
                await visit(other, first.memory)
    async with through(client, refuse) as other:
        with pytest.raises(Unreachable):
            await visit(other, first.memory)


async def test_checkpoints_of_others_are_an_alarm(first: Visit, client: httpx.AsyncClient) -> None:
    """Signed by a stranger under the same name; signed by the register, but no checkpoint of it."""
    own = keys_in_force().private((await keys())[0].key)
    stranger = SigningKey.from_seed(own.verifier.name, Kind.LOG, bytes(32))
    signed = await checkpoint()
    assert signed is not None
    text = signed.signed.text
    for key, said in ((stranger, text), (own, "hello\n"), (own, text.replace("127", "128"))):
        answer = httpx.Response(200, text=f"{said}\n{key.sign(said).line}")

        def instead(request: httpx.Request, answer: httpx.Response = answer) -> httpx.Response | None:
            return answer if request.url.path == "/register/checkpoint" else None

        async with through(client, instead) as other:
            with pytest.raises(Alarm):
                await visit(other, first.memory)


async def test_it_follows_a_new_key_that_the_old_one_introduced(
    first: Visit, world: World, client: httpx.AsyncClient
) -> None:
    await rotate(keys_in_force(), now=world.now)
    await grow(world, 3)
    seen = await visit(client, first.memory)
    assert seen.memory.key == (await keys())[-1].key != first.memory.key
    await grow(world, 3)
    assert (await visit(client, seen.memory)).grown == 3


async def test_it_does_not_follow_a_key_that_nobody_introduced(
    first: Visit, world: World, client: httpx.AsyncClient
) -> None:
    for file in keys_in_force().path.glob("*.key"):
        file.unlink()
    await rotate(keys_in_force(), lost=True, now=world.now)
    with pytest.raises(Alarm, match="did not introduce"):
        await visit(client, first.memory)


async def test_its_memory_is_written_wholly_and_never_begun_anew(first: Visit, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert remembered(path) is None
    remember(path, first.memory)
    assert remembered(path) == first.memory
    good = path.read_text()
    for bad in (
        "",
        "{}",
        "null",
        "[1]",
        good[:-5],
        good.replace('"checkpoint": "1', '"checkpoint": "2'),
        good.replace("+", "-"),
    ):
        path.write_text(bad)
        with pytest.raises(StateUnreadable):
            remembered(path)


def test_two_witnesses_do_not_share_a_memory(tmp_path: Path) -> None:
    with (
        alone(tmp_path / "state.json"),
        pytest.raises(StateUnreadable, match="another witness"),
        alone(tmp_path / "state.json"),
    ):
        pass
