"""Cosignatures that witnesses bring, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar

from market.demo.world import World
from market.kernel.db import fetch_value
from market.register.cosigning import add_witness
from market.register.keys import new_key
from market.register.log import SignedCheckpoint, checkpoint, keys, witnesses
from market.register.notes import Kind, NoteInvalid, SigningKey, parse_note, verify
from tests.register.test_reading import grow

WITNESS = SigningKey.from_seed("witness.example/w1", Kind.WITNESS, bytes(range(1, 33)))
OTHER = SigningKey.from_seed("other.example/w2", Kind.WITNESS, bytes(range(2, 34)))
TIME = 1_780_000_000


@pytest.fixture
async def signed(world: World) -> SignedCheckpoint:
    await add_witness(WITNESS.verifier.text, "审计局", now=world.now)
    await grow(world, 3)
    found = await checkpoint()
    assert found is not None
    return found


def cosigned(signed: SignedCheckpoint, *keys: SigningKey) -> str:
    return str(signed.signed.with_signatures([key.sign(signed.signed.text, time=TIME) for key in keys]))


async def offer(client: httpx.AsyncClient, text: str) -> httpx.Response:
    return await client.post("/register/cosignatures", content=text.encode("utf8", "surrogatepass"))


async def test_a_cosignature_becomes_a_line_of_the_checkpoint(
    signed: SignedCheckpoint, client: httpx.AsyncClient
) -> None:
    text = cosigned(signed, WITNESS)
    assert (await offer(client, text)).json() == {"taken": 1}
    assert (await offer(client, text)).json() == {"taken": 0}, "the same once more"
    served = parse_note((await client.get("/register/checkpoint")).text)
    assert verify(served, [(await keys())[0].key, WITNESS.verifier]) == ((await keys())[0].key, WITNESS.verifier)
    assert [view.size for view in await witnesses()] == [signed.size]
    assert "审计局" in (await client.get("/register/check")).text


async def test_strangers_cosign_nothing(signed: SignedCheckpoint, client: httpx.AsyncClient) -> None:
    assert (await offer(client, cosigned(signed, OTHER))).status_code == 403
    assert (await offer(client, cosigned(signed))).status_code == 403
    assert (await offer(client, cosigned(signed, OTHER, WITNESS))).json() == {"taken": 1}
    assert await fetch_value("SELECT count(*) FROM register_cosignature") == 1


async def test_wrong_signatures_are_refused(signed: SignedCheckpoint, client: httpx.AsyncClient) -> None:
    impostor = SigningKey(WITNESS.verifier, OTHER.seed)
    for text in (
        cosigned(signed, impostor),
        cosigned(signed, WITNESS).replace("\n", "\n\n", 1),
        "",
        "x",
        "\ud800\n\n\u2014 a AAAAAAA=\n",
    ):
        assert (await offer(client, text)).status_code == 403
    assert await fetch_value("SELECT count(*) FROM register_cosignature") == 0
    assert (await offer(client, "x" * 100_000)).status_code == 413


async def test_a_checkpoint_that_we_never_signed(signed: SignedCheckpoint, client: httpx.AsyncClient) -> None:
    """The witness was shown another tree than the one in our database: it learns so at once."""
    for text in (signed.signed.text.replace(f"\n{signed.size}\n", f"\n{signed.size + 1}\n"),
                 signed.signed.text.replace("market", "elsewhere").replace("127", "128")):  # fmt: skip
        assert (await offer(client, f"{text}\n{WITNESS.sign(text, time=TIME).line}")).status_code == 404


async def test_an_older_size_than_it_has_cosigned(
    signed: SignedCheckpoint, world: World, client: httpx.AsyncClient
) -> None:
    await grow(world, 3)
    newer = await checkpoint()
    assert newer is not None
    assert (await offer(client, cosigned(newer, WITNESS))).status_code == 200
    answer = await offer(client, cosigned(signed, WITNESS))
    assert (answer.status_code, answer.text) == (409, f"{newer.size}\n")
    assert answer.headers["content-type"].startswith("text/x.tlog.size")


async def test_the_same_cosignature_many_times_at_once(signed: SignedCheckpoint, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(offer(client, cosigned(signed, WITNESS)) for _ in range(8)))
    assert sorted(answer.json()["taken"] for answer in answers) == [0] * 7 + [1]


async def test_who_can_be_a_witness(signed: SignedCheckpoint, world: World) -> None:
    await add_witness(WITNESS.verifier.text, "审计局", now=world.now)
    assert len(await witnesses()) == 1
    for bad in (new_key("log.example", Kind.LOG).verifier.text, "nonsense", ""):
        with pytest.raises(NoteInvalid):
            await add_witness(bad, "somebody", now=world.now)


def test_nothing_else_is_exempt_from_the_form_token(site: Litestar) -> None:
    exempt = {
        path for route in site.routes for path in [route.path] for one in _handlers(route) if one.opt.get("csrf_exempt")
    }
    assert exempt == {"/register/cosignatures", "/payments/alipay/notify", "/messages/stop/{token:str}"}


def _handlers(route: object) -> list[Any]:
    return list(getattr(route, "route_handlers", []))
