"""The demonstration's schemes, played in a small market beside honest contests: every screen that they are made for fires as
often as it should, and nothing fires on the honest."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from agencies.rules import AuthorisedDetails
from market.demo import schemes
from market.demo.agencies import admit_agencies, credit_code, some_agency
from market.demo.bids import submit_bids
from market.demo.collusion_scenes import plan_collusion
from market.demo.flag_report import report
from market.demo.projects import open_owner, publish_project
from market.demo.script import Script
from market.demo.selection import sign_up_all
from market.demo.story import City
from market.demo.world import World
from ratings.flags.screens import SCREENS

HONEST = ((100_000_00, 104_000_00, 109_000_00, 121_000_00), (118_300_00, 96_400_00, 131_000_00, 104_900_00))


async def test_screens_fire_on_schemes_and_stay_silent_on_honest_contests(world: World) -> None:
    ends = world.now + timedelta(days=112)
    city = City(world, Random(1), Script(world, ends), "!")
    plan_collusion(city, after=timedelta(0))

    async def honest() -> None:
        agents = await admit_agencies(world, [
            some_agency(number, phone=f"0532-8100000{number}", legal_representative=f"法人{number}", address=f"海尔路{number}号",
                        authorised=(AuthorisedDetails("孙晓梅", f"1380000000{number}"),))
            for number in range(1, 6)
        ])  # fmt: skip
        owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
        for bids in HONEST:
            contest = await publish_project(
                world, owner, method="lowest_price", price="", ceiling="152000", floor="45000"
            )
            await submit_bids(world, dict(zip(agents, bids, strict=False)), contest)
        drawn = await publish_project(world, owner)
        await sign_up_all(world, agents[1:4], drawn)

    def seen(moment: datetime) -> None:
        assert moment <= ends

    city.script.at(world.now + timedelta(hours=1), honest)
    await city.script.play(seen)
    lines = {line.screen: line for line in await report()}
    found = {code: line.found for code, line in lines.items() if line.found}
    alarms = {code: line.alarms for code, line in lines.items() if line.alarms}
    assert (found, alarms) == (schemes.MADE_FOR, {})
    assert all(line.honest >= 3 for line in lines.values())
    assert set(schemes.MADE_FOR) <= set(SCREENS)
