"""Searches that are kept, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from market.demo.projects import publish_project
from market.kernel.db import fetch
from market.kernel.errors import NotFound, Refusal
from market.site.rules.asked import Asked
from market.site.saved.actions import MOST, give_up_search, keep_search, tell_of_news
from market.site.saved.queries import access_saved
from tests.contracts.award import Award
from tests.contracts.conftest import SignIn


async def told(award: Award) -> list[str]:
    rows = await fetch(
        "SELECT facts->>'titles' AS titles FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'search.matched:%' ORDER BY at, id",
        award.winner.organisation_id,
    )
    return [row["titles"] for row in rows]


async def test_what_is_new_is_told_once_and_together(award: Award) -> None:
    world, someone = award.world, award.winner
    await keep_search(someone, "地形", Asked("dixing"), now=world.now)
    await keep_search(someone, "流标", Asked("大沽河", "announcements", stage="failure"), now=world.now)
    assert await tell_of_news(world.now) == 0
    world.clock.advance(minutes=1)
    fresh = await publish_project(world, award.owner, title="大沽河地形测绘", investment_code="", investment_name="")
    assert await tell_of_news(world.now) == 1
    await keep_search(someone, "结果", Asked("大沽河", "results"), now=world.now)
    await world.run_past(fresh.sign_up_closes_at)  # a stage that changes is no news
    # But nobody signed up: that is announced, and the result of a project that was there before the search.
    assert await told(award) == ["大沽河地形测绘"] * 3
    # As if saved before these agencies entered: they are told of in one message.
    await keep_search(someone, "机构", Asked("", "agencies", stage="admitted"), now=world.now - timedelta(days=100))
    assert await tell_of_news(world.now) == 1
    assert await tell_of_news(world.now) == 0
    assert (await told(award))[3].count("；") == len(award.agents) - 1
    assert {one.told for one in await access_saved(someone)} == {1, len(award.agents)}


async def test_a_search_is_kept_once_by_its_person_and_given_up_by_nobody_else(award: Award) -> None:
    now = award.world.now
    await keep_search(award.winner, "一", Asked("测绘", "projects", stage="sign_up", page=3), now=now)
    with pytest.raises(Refusal, match="kept_already"):
        await keep_search(award.winner, "二", Asked("测绘", "projects", stage="sign_up"), now=now)
    with pytest.raises(Refusal, match="not_kept"):
        await keep_search(award.winner, "三", Asked("测绘", "rules"), now=now)
    kept = (await access_saved(award.winner))[0]
    assert (kept.name, kept.asked) == ("一", "q=%E6%B5%8B%E7%BB%98&kind=projects&stage=sign_up")
    for stranger in (award.owner, award.losers[0]):
        assert await access_saved(stranger) == []
        with pytest.raises(NotFound):
            await give_up_search(stranger, kept.id)
    await give_up_search(award.winner, kept.id)
    for number in range(MOST):
        await keep_search(award.winner, "多", replace(Asked("测绘"), text=f"测绘 {number}"), now=now)
    with pytest.raises(Refusal, match="too_many"):
        await keep_search(award.winner, "多", Asked("多了"), now=now)


async def test_saving_from_the_page(award: Award, sign_in: SignIn) -> None:
    visitor = await sign_in(award.winner)
    page = await visitor.get("/search?q=测量&kind=projects&stage=selecting")
    assert 'name="asked" value="q=%E6%B5%8B%E9%87%8F&amp;kind=projects&amp;stage=selecting"' in page.text
    saved = await visitor.send_form(
        "/search/saved", {"name": "测量<b>", "asked": "q=测量&kind=projects&stage=nonsense"}
    )
    assert saved.status_code == 303
    listed = (await visitor.get("/search/saved")).text
    assert "测量&lt;b&gt;" in listed
    assert "nonsense" not in listed
