"""What the demonstration's ring does with help from inside, beside those who only take part."""

from __future__ import annotations

from random import Random

from market.demo import schemes
from market.demo.agencies import admit_agencies, some_agency
from market.demo.experts import admit_experts, some_expert
from market.demo.rigging_scenes import Rigging
from market.demo.script import Script
from market.demo.story import STORY_ENDS, City
from market.demo.world import World
from market.kernel.db import fetch, fetch_value
from ratings.flags import actions


async def test_an_expert_whose_marks_stand_apart(world: World) -> None:
    """Two of the panel see three equals. The third does not, and only it is found."""
    ring = await admit_agencies(world, [some_agency(number) for number in (1, 2, 3, 4)])
    await admit_experts(world, [some_expert(number) for number in range(1, 7)])
    rigging = Rigging(City(world, Random(1), Script(world, STORY_ENDS), "!"), ring)
    await rigging.enter()
    project = await rigging.contest()
    await world.run_past(project.sign_up_closes_at)
    await rigging.score(project.number)
    await world.settle()
    await world.run_past(world.now)
    assert await fetch_value("SELECT winner_id FROM project WHERE number = $1", project.number) == ring[0].id
    await actions.look_back(world.now, calendar=world.calendar, now=world.now)
    (found,) = await fetch("SELECT projects, evidence FROM flag WHERE screen = 'expert_marks'")
    assert (found["projects"], len(found["evidence"])) == ([project.number], 1)
    assert project.title == schemes.SCORED
