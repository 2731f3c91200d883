"""The published verifier, run as strangers run it: one file, alone in a folder, with nothing of ours to import."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import transaction
from market.register import verifier
from market.register.actions import record
from market.register.cosigning import add_witness, take_cosignatures
from market.register.keys import keys_in_force, new_key
from market.register.log import checkpoint, keys
from market.register.notes import Kind, SigningKey
from tests.register.test_reading import grow

WITNESS = SigningKey.from_seed("witness.example/w1", Kind.WITNESS, bytes(range(1, 33)))


class Stranger:
    """A folder somewhere with what a visitor has downloaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(verifier.__file__, folder / "verifier.py")

    def keep(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return name

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verifier.py", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def stranger(tmp_path: Path) -> Stranger:
    folder = tmp_path / "stranger"
    folder.mkdir()
    return Stranger(folder)


@pytest.fixture
async def proof(world: World, client: httpx.AsyncClient) -> bytes:
    """Of an entry in the middle of 40, cosigned by a witness."""
    await grow(world, 20)
    async with transaction():
        entry_id = await record("project.withdrawn", subject="MX-2026-000003", by="91370200MA00000001",
                                data={"reason": "改期 \"quoted\" \\ \u2028 \x07"}, at=world.now, private={"person": "x"})  # fmt: skip
    await grow(world, 20)
    await add_witness(WITNESS.verifier.text, "审计局", now=world.now)
    signed = await checkpoint()
    assert signed is not None
    line = WITNESS.sign(signed.signed.text, time=int(wall_now().timestamp()))
    assert await take_cosignatures(str(signed.signed.with_signatures([line]))) == 1
    return (await client.get(f"/register/proof/{entry_id}")).content


async def test_a_proof_is_verified(proof: bytes, stranger: Stranger) -> None:
    name, key = stranger.keep("proof.json", proof), (await keys())[0].key.text
    done = stranger.run(name, "--key", key, "--witness", WITNESS.verifier.text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("VERIFIED\n")
    assert "project.withdrawn  MX-2026-000003" in done.stdout
    assert "cosigned by witness.example/w1" in done.stdout
    assert "!" not in done.stdout


async def test_without_a_key_it_says_what_to_compare(proof: bytes, stranger: Stranger) -> None:
    done = stranger.run(stranger.keep("proof.json", proof))
    assert done.returncode == 0
    assert (
        f"! compare this key with the one that you know from elsewhere:\n    {(await keys())[0].key.text}"
        in done.stdout
    )


async def test_other_keys_are_not_this_register(proof: bytes, stranger: Stranger) -> None:
    name = stranger.keep("proof.json", proof)
    other = new_key((await keys())[0].key.name, Kind.LOG).verifier
    done = stranger.run(name, "--key", other.text)
    assert (done.returncode, done.stdout) == (
        1,
        "REFUSED: signed by another register than the one whose key you gave\n",
    )
    absent = new_key("elsewhere.example/w2", Kind.WITNESS).verifier
    assert stranger.run(name, "--witness", absent.text).returncode == 1
    assert stranger.run(name, "--key", "nonsense").returncode == 2
    assert stranger.run("missing.json").returncode == 2


async def test_every_changed_byte_is_refused(proof: bytes) -> None:
    """Each byte of the file in turn, replaced by another, left out, doubled: the same program, called as a function."""
    assert verifier.check(proof, None, None, [])
    assert [changed for changed in _changes(proof) if changed != proof and _accepts(changed)] == []


def _changes(data: bytes) -> Iterator[bytes]:
    chance = random.Random(7)
    for place, byte in enumerate(data):
        before, after = data[:place], data[place + 1 :]
        yield before + bytes([byte ^ (1 << chance.randrange(8))]) + after
        yield before + chance.randbytes(1) + after
        yield before + after
        yield before + bytes([byte, byte]) + after


def _accepts(data: bytes) -> bool:
    try:
        verifier.check(data, None, None, [])
    except verifier.Refused:
        return False
    return True


def _bent(proof: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(proof) | changes, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


async def test_members_of_other_types_are_refused(proof: bytes) -> None:
    for name in json.loads(proof):
        values: tuple[Any, ...] = (None, True, 0, 1, -1, 2**70, 1.5, "", "x", [], [1], ["x"], {}, {"a": []})
        for value in values:
            assert not _accepts(_bent(proof, **{name: value})) or _bent(proof, **{name: value}) == proof, name
    assert not _accepts(_bent(proof, extra=1))
    assert not _accepts(_bent(proof, data="{}"))
    for junk in (b"", b"[]", b"null", b"\xff", b"1", b"[" * 100_000, b"{" * 100_000):
        assert not _accepts(junk)


async def test_growth_is_verified(world: World, client: httpx.AsyncClient, stranger: Stranger) -> None:
    await grow(world, 20)
    seen = stranger.keep("checkpoint.txt", (await client.get("/register/checkpoint")).content)
    old = await checkpoint()
    assert old is not None
    await grow(world, 40)
    growth = (await client.get(f"/register/consistency?from={old.size}")).content
    name = stranger.keep("consistency.json", growth)
    done = stranger.run(name, "--seen", seen, "--key", (await keys())[0].key.text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {old.size} entries that you saw are in it" in done.stdout
    assert stranger.run(name).returncode == 1, "it needs what was seen"
    other = old.signed.text.replace("\n2", "\n3")
    assert (
        stranger.run(
            name, "--seen", stranger.keep("other.txt", str(old.signed).replace(old.signed.text, other).encode())
        ).returncode
        == 1
    )


async def test_every_changed_byte_of_growth_is_refused(world: World, client: httpx.AsyncClient) -> None:
    await grow(world, 20)
    old = await checkpoint()
    assert old is not None
    await grow(world, 40)
    growth = (await client.get(f"/register/consistency?from={old.size}")).content
    assert verifier.check(growth, old.text, None, [])
    for place in range(len(growth)):
        changed = growth[:place] + bytes([growth[place] ^ 1]) + growth[place + 1 :]
        with pytest.raises(verifier.Refused):
            verifier.check(changed, old.text, None, [])


async def test_a_rewritten_register_is_refused(world: World, client: httpx.AsyncClient) -> None:
    """What was seen is not the beginning of what is served: both properly signed by the same key."""
    await grow(world, 20)
    old = await checkpoint()
    assert old is not None
    await grow(world, 40)
    growth = (await client.get(f"/register/consistency?from={old.size}")).content
    key = keys_in_force().first()
    forged = old.signed.text.split("\n")
    forged[2] = "A" * 43 + "="
    text = "\n".join(forged)
    with pytest.raises(verifier.Refused, match="is not the beginning"):
        verifier.check(growth, f"{text}\n{key.sign(text).line}", None, [])


async def test_facts_that_stand_by_their_digest_come_with_the_proof(world: World, client: httpx.AsyncClient) -> None:
    async with transaction():
        entry_id = await record("project.withdrawn", subject="MX-2026-000003", by="market", at=world.now,
                                data={"reason": "长" * 30_000})  # fmt: skip
    await world.settle()
    proof = (await client.get(f"/register/proof/{entry_id}")).content
    assert "长长长" in "".join(verifier.check(proof, None, None, []).facts)
    with pytest.raises(verifier.Refused, match="facts were changed"):
        verifier.check(_bent(proof, data='{"reason":"短"}'), None, None, [])


async def test_the_program_says_how_it_is_used(stranger: Stranger) -> None:
    done = stranger.run("--help")
    assert done.returncode == 0
    assert "python verifier.py proof.json" in done.stdout
