"""How pages speak of taking part: one signs up, bids or answers, as the method has it, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar import Litestar

from market.demo.agencies import Agent
from market.demo.projects import publish_project
from market.demo.world import World
from market.kernel.i18n import messages
from market.web.viewer import Viewer
from projects.page.rules import stage_name
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.sign_ups.way_in import WAYS_IN
from tests.visitor import Visitor

SIGNS_UP = ("draw", "multi_round")
STAGES = {
    "draw": ("Open for sign-up", "报名中"),
    "multi_round": ("Open for sign-up, then live bidding", "正在报名，随后实时竞价"),
    "direct": ("Waiting for the named agency", "等待被选机构确认"),
    "outside_tender": ("Being registered", "登记中"),
}


@pytest.mark.parametrize("method", METHODS)
def test_only_where_one_signs_up_pages_say_so(method: str) -> None:
    chinese = messages("zh_CN")
    way = WAYS_IN[method]
    english, said = STAGES.get(method, ("Open for bids", "正在报价"))
    assert (stage_name(Stage.SIGN_UP, method), chinese[way.stage]) == (english, said)
    for text in vars(way).values():
        assert ("报名" in chinese[text]) <= (method in SIGNS_UP)
        assert ("sign" in text.lower()) <= (method in SIGNS_UP)


async def test_each_notice_asks_for_the_right_thing(
    world: World, site: Litestar, owner: Viewer, agents: list[Agent]
) -> None:
    """Project page, list, form and receipt, for the agency that may take part."""
    agent = agents[0].viewer
    assert agent.person_id is not None
    assert agent.organisation_id is not None
    posted = {
        "draw": await publish_project(world, owner),
        "lowest_price": await publish_project(world, owner, method="lowest_price"),
        "multi_round": await publish_project(world, owner, method="multi_round"),
        "direct": await publish_project(world, owner, method="direct", invited_code=[agent.organisation_code]),
    }
    async with Visitor(site) as visitor:
        await visitor.sign_in_as(agent.person_id, agent.organisation_id)
        visitor.cookies.set("mx_locale", "en")
        listed = (await visitor.get("/projects")).text
        for method, project in posted.items():
            way, page = WAYS_IN[method], (await visitor.get(project.url)).text
            assert way.stage in listed
            panel = page[page.index('id="sign-up"') :]
            panel = panel[: panel.index("</section>")]
            assert way.name in panel
            assert way.closes in panel
            assert way.act in panel
            assert ("ign up" in panel) is (method in SIGNS_UP)
        form = (await visitor.get(f"{posted['direct'].url}/sign-up")).text
        assert "Take this job" in form
        assert "ign up" not in form.split("<main")[1].split("</main")[0]
        world.clock.set(posted["draw"].sign_up_closes_at + timedelta(milliseconds=1))
        assert "the pool is being frozen" in (await visitor.get(posted["draw"].url)).text
