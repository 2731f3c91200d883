"""Whoever downloads a dossier can check it with one command, and any byte changed on the way shows."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

from click.testing import CliRunner

from market.cli.commands import main
from market.demo.contracts import current_contract, refuse_contract
from market.demo.selection import draw_project, object_to, uphold
from market.demo.world import World
from market.kernel.money import Money
from projects.queries import project_by_number
from projects.selection.rounds.queries import rounds_of
from projects.selection.rounds.routes import FOR_EVER
from tests.visitor import Visitor

from .county import Place, open_place

ROOT = Path(__file__).parents[2]
PLACES_TRIED = 12  # bytes changed in each dossier, over its whole length


async def verify_as_its_user(path: Path) -> int:
    """The exit code of the command: 0 holds, 1 refused."""
    command = [sys.executable, "-m", "market", "verify", str(path)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
    return await process.wait()


async def verify(path: Path) -> int:
    """The same command without a process of its own, which would cost more than all else it does."""
    result = await asyncio.to_thread(CliRunner().invoke, main, ["verify", str(path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), "it refuses, it does not break"
    return result.exit_code


async def _three_ways_to_a_draw(place: Place) -> list[str]:
    """Drawn once; drawn again after an objection; drawn again because the winner refused the contract."""
    numbers = []
    for number in range(3):
        project = await place.publish(number, Money.parse("120000"), Money.parse("100000"))
        drawn = await draw_project(place.world, place.agents, project)
        if number == 1:
            objection = await object_to(place.world, place.owner(number), drawn)
            await uphold(place.world, objection, exclude=drawn.winner_id)
        if number == 2:
            assert drawn.result_notice_ends_at is not None
            await place.world.run_until(drawn.result_notice_ends_at)
            contract = await current_contract(project.number)
            await refuse_contract(place.world, contract, await place.winner(project))
        numbers.append(project.number)
    due_at = (await project_by_number(numbers[-1])).due_at
    assert due_at is not None
    await place.world.run_past(due_at)
    return numbers


async def test_every_dossier_verifies_and_no_changed_byte_does(world: World, client: Visitor, tmp_path: Path) -> None:
    place = await open_place(world, "370203", owners=3, agencies=4)
    files = []
    for number in await _three_ways_to_a_draw(place):
        project = await project_by_number(number)
        for drawn in await rounds_of(project.id):
            answer = await client.get(f"/projects/{number}/rounds/{drawn.no}/dossier.json")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_EVER)
            files.append(tmp_path / f"{number}-{drawn.no}.json")
            files[-1].write_bytes(answer.content)
    assert len(files) == 5
    assert [await verify(file) for file in files] == [0] * len(files)
    random = Random(1)
    assert await verify_as_its_user(files[0]) == 0
    assert await verify_as_its_user(_with_one_byte_changed(files[0], len(files[0].read_bytes()) // 2, random)) == 1
    for file in files:
        for position in _spread(len(file.read_bytes()), random):
            assert await verify(_with_one_byte_changed(file, position, random)) == 1, (file.name, position)


def _spread(length: int, random: Random) -> list[int]:
    """The first and the last byte, and one from each part between them."""
    step = length / PLACES_TRIED
    within = [min(int(step * part + random.random() * step), length - 1) for part in range(PLACES_TRIED)]
    return [0, *within, length - 1]


def _with_one_byte_changed(file: Path, position: int, random: Random) -> Path:
    data = bytearray(file.read_bytes())
    data[position] ^= random.randint(1, 255)
    changed = file.with_suffix(".changed")
    changed.write_bytes(data)
    return changed
