"""The demonstration city: half a year of a living market, the same every time, made by the same actions as the pages.

Money, delays and quarrels are chosen so that every stage, every refusal and every lamp can be seen somewhere. A further
scene is a function in a module of its own that takes the city and puts acts on its script; SCENES lists them. A scene
draws nothing from `city.random`, so that it leaves everything else in the city as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from market.accounts.passwords import QUICK, hash_password
from market.demo import scenes
from market.demo.case_scenes import plan_cases
from market.demo.clock_scenes import plan_clocks
from market.demo.collusion_scenes import plan_collusion
from market.demo.conduct_scenes import plan_conduct
from market.demo.dispute_scenes import plan_disputes
from market.demo.disputes import Dispute
from market.demo.flag_scenes import plan_flag_reviews
from market.demo.founding import found_institutions, found_owners, plan_agencies
from market.demo.list_scenes import plan_lists
from market.demo.messages import plan_messages
from market.demo.notices import leave_unfinished, plan_projects, publish
from market.demo.payment_scenes import plan_payments
from market.demo.payments import register_alipay
from market.demo.script import Script
from market.demo.story import PROJECTS, STORY_BEGINS, STORY_ENDS, City
from market.demo.tip_scenes import plan_tips
from market.demo.verdict_scenes import plan_verdicts
from market.demo.world import World
from market.site.demo_accounts import PASSWORD

IN_NARROW_SCOPE = 108  # by its number a job of housing in the district of the second regulator


async def build_city(world: World, progress: Callable[[datetime], None]) -> None:
    """Plays the whole story; the world's clock stands at STORY_ENDS afterwards."""
    city = City(world, Random(20260616), Script(world, STORY_ENDS), await hash_password(PASSWORD, hasher=QUICK))
    await found_institutions(city)
    await found_owners(city)
    plan_agencies(city)
    plan_projects(city)
    for plan in SCENES:
        plan(city)
    await city.script.play(progress)
    await leave_unfinished(city)
    for agent in city.agents:
        await register_alipay(world, agent.viewer)


def _last_weeks(city: City) -> None:
    """Single scenes of the last weeks, each of which a visitor should find."""
    world = city.world
    for days in (8, 4, 1):  # whoever meets the conditions only later is found by the next look
        city.script.at(STORY_ENDS - timedelta(days=days, hours=1), scenes.propose_red_list(world, city.regulator))
    city.script.at(STORY_ENDS - timedelta(days=6, hours=-5), scenes.withdraw_newest(world, city.owners))
    city.script.at(STORY_ENDS - timedelta(days=4, hours=-1), scenes.amend_newest(world, city.owners))
    city.script.at(STORY_ENDS - timedelta(hours=18), scenes.object_now(world))
    for days, annulled in ((30, True), (6, False)):
        _dispute(city, STORY_ENDS - timedelta(days=days), annulled=annulled)
    city.script.at(STORY_ENDS - timedelta(hours=17), scenes.change_ones_mind(world))
    city.script.at(STORY_ENDS - timedelta(days=8), publish(city, PROJECTS, closes_at=STORY_ENDS))
    city.script.at(STORY_ENDS - timedelta(days=3), publish(city, IN_NARROW_SCOPE))


def _dispute(city: City, moment: datetime, *, annulled: bool) -> None:
    """Looked for during two days, until a result is under notice that somebody lost."""
    dispute = Dispute(city.world, city.agents, city.regulator)
    for hours in range(0, 48, 6):
        city.script.at(moment + timedelta(hours=hours), dispute.begin)
    if annulled:
        city.script.at(moment + timedelta(days=12), dispute.annul)


SCENES: tuple[Callable[[City], None], ...] = (
    _last_weeks,
    plan_cases,
    plan_conduct,
    plan_disputes,
    plan_payments,
    plan_clocks,
    plan_verdicts,
    plan_tips,
    plan_lists,
    plan_messages,
    plan_collusion,
    plan_flag_reviews,
)

__all__ = ["STORY_BEGINS", "STORY_ENDS", "build_city"]
