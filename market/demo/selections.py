"""How the projects of the demonstration city are selected: by every method, with bids, live rounds and experts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from market.demo import cast
from market.demo.agencies import Agent, id_number
from market.demo.bids import submit_bid
from market.demo.experts import NewExpert, admit_expert, fill_in, seats, sign
from market.demo.live import bid_live
from market.demo.projects import OF_METHOD, RESULT_NOTICE, attached_file, closing_time
from market.demo.script import Script
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.errors import Refusal
from market.kernel.money import Money
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind

Act = Callable[[], Awaitable[None]]
# By the number of the project; most of the city is drawn by lot, as in real markets.
ORDER: Final = (
    "draw", "best_price", "draw", "lowest_price", "merit", "draw", "draw", "direct", "price_then_draw", "multi_round",
    "draw", "average_price", "outside_tender",
)  # fmt: skip
FREE_PICK_BELOW: Final = 95_000  # yuan; above it the rulebook allows no direct selection
DIRECT_REASON: Final = "该机构承担了本项目前期工作，继续承担可沿用已有成果，且金额在自主选取限额以内。"
LIVE_LEAD: Final = timedelta(seconds=20)


def method_of(number: int, yuan: int) -> str:
    method = ORDER[number % len(ORDER)]
    return "draw" if method == "direct" and yuan >= FREE_PICK_BELOW else method


async def method_values(
    world: World, owner: Viewer, method: str, *, yuan: int, budget: int, able: Sequence[Agent], days: int
) -> dict[str, Any]:
    """What the notice states for its method. `yuan`: the price that is expected; `able`: who could do the job."""
    if method == "draw" or not able:
        return {}
    if method in ("direct", "outside_tender"):
        return await _named(world, owner, method, able[0])
    values: dict[str, Any] = {"method": method, "price": "", "ceiling": Money(budget * 100).yuan_text}
    if method in ("lowest_price", "multi_round"):
        values["floor"] = Money(yuan * 60).yuan_text
    if method == "average_price":
        values |= {"quote": "discount", "smallest_discount": "1", "largest_discount": "35"}
    if method == "merit":
        values |= {**OF_METHOD["merit"], "ceiling": values["ceiling"], "floor": Money(yuan * 60).yuan_text}
        values["sign_up_closes_at"] = local_input(closing_time(world, max(days, 6)))
    if method == "multi_round":
        values["bidding_starts_at"] = local_input(closing_time(world, days + 1).replace(hour=10))
    return values


async def _named(world: World, owner: Viewer, method: str, agent: Agent) -> dict[str, Any]:
    values: dict[str, Any] = {"method": method, "invited_code": [agent.code]}
    if method == "direct":
        return {**values, "access_reason": DIRECT_REASON}
    return {
        **values,
        **OF_METHOD["outside_tender"],
        "files": [await attached_file(world, owner, "中标结果公告.pdf", RESULT_NOTICE)],
    }


def equal_steps(project: ProjectView, agents: Sequence[Agent]) -> dict[str, int]:
    """What each of a ring bids: every price the same step above the one before."""
    assert project.ceiling_fen is not None
    step = max(project.ceiling_fen // 100 // 10_000, 1) * 10_000
    return {agent.code: project.ceiling_fen - step * (place + 4) for place, agent in enumerate(agents)}


def enter(world: World, random: Random, number: str, agent: Agent, agreed: int | None = None) -> Act:
    """Signs up, or hands in a sealed bid where the method asks for one; some replace theirs before the close.
    `agreed`: what a ring agreed that this one bids."""

    async def act() -> None:
        project = await project_by_number(number)
        with suppress(Refusal):  # suspended in the meantime
            if METHODS[project.method].entry is EntryKind.SEALED_BID:
                quoted = _quote(project, random)
                await submit_bid(world, agent, project, agreed or quoted, sealed_by=_sealer(random))
            elif METHODS[project.method].live and random.random() < 0.3:
                await submit_bid(world, agent, project, _quote(project, random))
            else:
                await sign_up(world, agent, project)

    return act


def _sealer(random: Random) -> Any:
    return "browser" if random.random() < 0.8 else "server"


def _quote(project: ProjectView, random: Random) -> int:
    """Fen, or basis points of discount; now and then one that lies outside the limits."""
    if project.quote == "discount":
        return random.randint(150, 2_600)
    assert project.ceiling_fen is not None
    share = random.randint(7_000, 9_800) if random.random() > 0.05 else 10_100
    return project.ceiling_fen * share // 10_000 // 10_000 * 10_000


def bid_in_rounds(world: World, script: Script, random: Random, project: ProjectView, agents: Sequence[Agent]) -> None:
    """Live bids in all three rounds, each a little lower than the bidder's last."""
    if project.bidding_starts_at is None or project.ceiling_fen is None:
        return
    offers = {agent.code: project.ceiling_fen * random.randint(8_800, 9_800) // 10_000 for agent in agents}
    for turn in range(3):
        for place, agent in enumerate(agents):
            moment = project.bidding_starts_at + timedelta(minutes=3 * turn) + LIVE_LEAD * (place + 1)
            offers[agent.code] = offers[agent.code] * random.randint(9_600, 9_900) // 10_000 // 100 * 100
            script.at(moment, _bid(world, project.number, agent, offers[agent.code]))


def _bid(world: World, number: str, agent: Agent, quoted: int) -> Act:
    async def act() -> None:
        with suppress(Refusal):  # not in the pool, or below the floor
            await bid_live(world, agent, await project_by_number(number), quoted)

    return act


async def admit_experts(world: World, first: Viewer, password_hash: str) -> None:
    """A dozen experts of all fields; the first is the one whose account the demonstration shows."""
    for number in range(12):
        classes = "ABCDE"
        new = NewExpert(
            name=first.organisation_name or "" if number == 0 else cast.person_name(number * 17 + 4),
            login=f"expert{number + 1}", organisation_code=f"P{number + 101:016d}", region_code="370212",
            specialities=tuple(sorted({classes[number % 5], classes[(number + 2) % 5], classes[(number + 3) % 5]})),
            employer_name=("青岛理工大学", "山东建筑大学", "中国海洋大学", "青岛市工程咨询院")[number % 4],
            id_number=id_number(number + 1, born=f"19{66 + number}0312", region="370202"),
            phone=f"1390000{number:04d}", account=f"62220200000000{number:05d}", password_hash=password_hash,
        )  # fmt: skip
        await admit_expert(world, new, first if number == 0 else None)


def score_soon(world: World, script: Script, random: Random, number: str) -> Act:
    """Every expert who was drawn signs within a day."""

    async def act() -> None:
        project = await project_by_number(number)
        if project.stage is not Stage.EVALUATION:
            return
        for member in await seats(project):
            script.at(world.now + timedelta(hours=random.randint(2, 14)), _score(world, number, member.id))

    return act


def _score(world: World, number: str, member_id: UUID) -> Act:
    async def act() -> None:
        project = await project_by_number(number)
        seat = next((one for one in await seats(project) if one.id == member_id), None)
        if seat is not None:
            await fill_in(world, seat, project)
            await sign(world, seat)

    return act
