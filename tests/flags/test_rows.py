"""What no lawful act leads to in a short story: rows are written past the acts, and the screens find them through their
own queries, beside honest ones."""

from __future__ import annotations

from market.demo.world import World
from market.kernel.db import execute, fetch_value
from ratings.flags import actions
from ratings.flags.screens.interface import Reads
from tests.contracts.award import Award, in_force
from tests.flags.rows import copy_of, copy_project


async def flags_of(screen: str) -> int:
    count: int = await fetch_value("SELECT count(*) FROM flag WHERE screen = $1", screen)
    return count


async def seek(world: World, screen: str) -> int:
    """How many flags of a screen there are once all patterns were sought."""
    await actions.look_back(world.now, calendar=world.calendar, now=world.now)
    return await flags_of(screen)


async def win_again(award: Award, number: str) -> None:
    """The same draw with the same winner, as if it had been made for another project."""
    project = await award.project()
    round_id = await fetch_value("SELECT id FROM selection_round WHERE project_id = $1", project.id)
    await copy_of("selection_round", round_id, project_id=await copy_project(project.id, number))


async def test_a_contract_over_another_price_and_draws_that_one_firm_always_wins(world: World) -> None:
    award = await in_force(world)
    for place in range(5):
        await win_again(award, f"MX-2026-9{place:05d}")
    assert await seek(world, "win_odds") == 0  # six in a row of three: 1 in 729
    await win_again(award, "MX-2026-900009")
    assert await seek(world, "win_odds") == 1  # 1 in 2,187, and the two who lost are left alone
    assert await fetch_value("SELECT projects[1] FROM flag WHERE screen = 'win_odds'") == award.number

    async def look() -> int:
        await actions.look_at(award.number, Reads.CONTRACT, calendar=world.calendar, now=world.now)
        return await flags_of("contract_price")

    assert await look() == 0
    await execute("UPDATE project SET price_fen = price_fen + 1 WHERE number = $1", award.number)
    assert await look() == 1
