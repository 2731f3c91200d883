"""What no lawful act leads to in a short story: rows are written past the acts, and the screens find them through their
own queries, beside honest ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from market.demo import experts as cast
from market.demo.agencies import admit_agencies, some_agency
from market.demo.experts import admit_experts, some_expert
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import execute, fetch_value
from ratings.flags import actions
from ratings.flags.screens.interface import Reads
from tests.contracts.award import Award, in_force
from tests.experts.conftest import MERIT, Court
from tests.flags.rows import copy_of, copy_project

FOUR_CRITERIA: dict[str, Any] = {
    "criterion_name": ["技术方案", "项目团队", "进度安排", "质量保证"], "criterion_description": ["切合实际"] * 4,
    "criterion_weight": ["20", "20", "10", "10"],
}  # fmt: skip


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


async def test_an_expert_whose_marks_stand_apart(world: World) -> None:
    """Of twelve marks four lie far from the median: those of one agency. The two others of the panel agree."""
    agents = await admit_agencies(world, [some_agency(number) for number in (1, 2, 3)])
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code="11370203004205678J")
    experts = await admit_experts(world, [some_expert(number) for number in range(1, 7)])
    project = await publish_project(world, owner, working_days=7, **{**MERIT, **FOUR_CRITERIA})
    court = Court(world, owner, agents, experts, project)
    await court.drawn()
    odd = (await cast.seats(project))[0]

    def marks(place: int, agency: str, _: int) -> tuple[int, str]:
        return 65 if place == odd.place and agency == agents[0].code else 80, "按评分标准"

    await cast.score(world, project, marks)
    await execute("UPDATE project SET drawn_at = $2 WHERE id = $1", project.id, world.now - timedelta(seconds=1))
    assert await seek(world, "expert_marks") == 1
    assert await fetch_value("SELECT key FROM flag WHERE screen = 'expert_marks'") == f"{odd.code}:far:{world.now.year}"
