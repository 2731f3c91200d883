"""`python -m market register …` as people run it."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner
from litestar import Litestar

from market.cli.register import register
from market.cli.register.witnessing import ALARM, CANNOT_BEGIN, NOT_REACHED, Witness, run_witness
from market.demo.world import World
from market.register.cosigning import add_witness
from market.register.keys import new_key, read_key, write_key
from market.register.log import checkpoint, keys, witnesses
from market.register.notes import Kind, VerifierKey, parse_note, verify
from tests.register.forging import by_force, rewrite_log
from tests.register.test_reading import grow


async def market(world: World, *arguments: str) -> tuple[int, str, str]:
    """The command in a process of its own, on the world's database and data folder."""
    env = {
        "MODE": "test", "DATABASE_URL": world.running.dsn, "DATA_DIR": str(world.settings.data_dir), "PATH": "/usr/bin:/bin",
        "SECRET_KEY": "a secret of the tests, long enough for all",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "market",
        "register",
        *arguments,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_audit_exits_with_what_it_found(world: World, tmp_path: Path) -> None:
    await grow(world, 0)
    status, out, err = await market(world, "audit")
    assert (status, err) == (0, "")
    assert "Nothing is altered, missing or extra" in out
    kept = tmp_path / "checkpoint.txt"
    kept.write_text((await checkpoint() or pytest.fail("nothing signed")).text)
    assert (await market(world, "audit", "--json", "--checkpoint", str(kept)))[0] == 0
    await by_force("UPDATE rulebook_version SET content = '{}'")
    status, out, _ = await market(world, "audit", "--json")
    assert status == 1
    finding = json.loads(out)["findings"][0]
    assert (finding["kind"], finding["table"]) == ("altered", "rulebook_version")
    status, out, _ = await market(world, "audit")
    assert status == 1
    assert "altered" in out and "rulebook_version" in out


async def test_rotate_and_status(world: World) -> None:
    assert (await market(world, "rotate"))[0] == 1, "nothing has been signed yet"
    await world.settle()
    status, out, _ = await market(world, "rotate", "--json")
    assert status == 0
    assert json.loads(out)["key"] == (await keys())[-1].key.text
    assert (await market(world, "rotate", "--lost"))[0] == 1
    await grow(world, 2)
    told = json.loads((await market(world, "status"))[1])
    assert (told["waiting"], len(told["keys"])) == (0, 2)
    assert told["root"] == (await checkpoint() or pytest.fail("nothing signed")).root.hex()


async def test_witnesses_are_named(world: World) -> None:
    key = new_key("witness.example/w1", Kind.WITNESS).verifier
    assert (await market(world, "add-witness", key.text, "--title", "审计局"))[0] == 0
    assert [view.title for view in await witnesses()] == ["审计局"]
    assert (await market(world, "add-witness", "nonsense", "--title", "x"))[0] == 2


def test_keygen(tmp_path: Path) -> None:
    file = tmp_path / "witness.key"
    made = CliRunner().invoke(register, ["keygen", str(file), "--name", "witness.example/w1"])
    assert made.exit_code == 0
    assert VerifierKey.parse(made.stdout.strip()).kind is Kind.WITNESS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CliRunner().invoke(register, ["keygen", str(file), "--name", "witness.example/w1"]).exit_code == 2
    assert CliRunner().invoke(register, ["keygen", str(tmp_path / "x"), "--name", "a b"]).exit_code == 2


@asynccontextmanager
async def served(site: Litestar) -> AsyncIterator[str]:
    """Over real HTTP on a free port."""
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site, lifespan="off", log_level="critical"))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def address(world: World, site: Litestar) -> AsyncIterator[str]:
    await grow(world, 5)
    async with served(site) as url:
        yield url


def witness_at(url: str, folder: Path, **changes: object) -> Witness:
    file = folder / "w.key"
    if not file.exists():
        write_key(file, new_key("witness.example/w1", Kind.WITNESS))
    given = {"vkey": None, "out": folder / "cosigned.txt", "submit": True, "as_json": True} | changes
    return Witness(url, file, folder / "state.json", **given)  # type: ignore[arg-type]


async def test_a_witness_visits_remembers_and_cosigns(
    address: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = (await keys())[0].key
    given = witness_at(address, tmp_path, vkey=own.text)
    key = read_key(given.signing_key).verifier
    await add_witness(key.text, "审计局", now=world.now)
    assert await run_witness(given, interval=None) == 0
    await grow(world, 7)
    assert await run_witness(witness_at(address, tmp_path), interval=None) == 0, "it knows the key by now"
    visits = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(visit["event"], visit["cosigned"]) for visit in visits] == [("visit", True)] * 2
    assert visits[1]["grown"] == 7
    assert set(verify(parse_note((tmp_path / "cosigned.txt").read_text()), [own, key])) == {own, key}
    assert [view.size for view in await witnesses()] == [visits[1]["size"]]


def text_of(path: str) -> str:
    return Path(path).read_text()


async def test_a_witness_raises_an_alarm_and_keeps_the_evidence(
    address: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = witness_at(address, tmp_path, vkey=(await keys())[0].key.text, submit=False)
    assert await run_witness(given, interval=None) == 0
    before = (tmp_path / "state.json").read_text()
    await by_force("UPDATE register_entry SET data = '{}' WHERE kind = 'project.withdrawn'")
    await rewrite_log()
    assert await run_witness(given, interval=1) == ALARM, "it does not go on"
    printed = capsys.readouterr()
    assert "ALARM" in printed.err
    evidence = json.loads(printed.out.splitlines()[-1])["evidence"]
    assert len({text_of(path) for path in evidence}) == 2
    assert (tmp_path / "state.json").read_text() == before


async def test_a_witness_that_cannot_begin(world: World, tmp_path: Path) -> None:
    await grow(world, 1)
    vkey = (await keys())[0].key.text
    nowhere = "http://127.0.0.1:9"
    assert await run_witness(witness_at(nowhere, tmp_path), interval=None) == CANNOT_BEGIN, "no key for the first visit"
    assert await run_witness(witness_at(nowhere, tmp_path, vkey="nonsense"), interval=None) == CANNOT_BEGIN
    assert await run_witness(witness_at(nowhere, tmp_path, vkey=vkey), interval=None) == NOT_REACHED
    (tmp_path / "state.json").write_text("{")
    assert await run_witness(witness_at(nowhere, tmp_path, vkey=vkey), interval=None) == CANNOT_BEGIN
    (tmp_path / "state.json").unlink()
    (tmp_path / "w.key").unlink()
    write_key(tmp_path / "w.key", new_key("witness.example/w1", Kind.LOG))
    assert await run_witness(witness_at(nowhere, tmp_path, vkey=vkey), interval=None) == CANNOT_BEGIN


@pytest.mark.parametrize("command", ["audit", "rotate", "keygen", "add-witness", "witness", "status"])
def test_every_command_explains_itself(command: str) -> None:
    told = CliRunner().invoke(register, [command, "--help"])
    assert told.exit_code == 0
    assert len(told.stdout) > 100
