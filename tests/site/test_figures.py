"""The figures of a market in which a few things happened."""

from __future__ import annotations

from market.demo.projects import publish_project
from tests.contracts.award import Award
from tests.visitor import Visitor


async def test_the_front_page_shows_what_is_going_on(award: Award, client: Visitor) -> None:
    fresh = await publish_project(
        award.world, award.owner, title="崂山路人行天桥<b>测量</b>", investment_code="", investment_name=""
    )
    page = (await client.get("/")).text
    assert f"/projects/{fresh.number}" in page
    assert "<b>测量</b>" not in page
    assert f"/projects/{award.number}/rounds/1" in page
    await award.run_past_notice()
    assert "seal__stamp" in (await client.get("/")).text
