"""The figures of a market in which a few things happened."""

from __future__ import annotations

from datetime import timedelta

from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import publish_project
from market.kernel.calendar import beijing_date
from market.kernel.money import Money
from market.site.queries import figures, headline
from market.site.rules import Filters
from tests.contracts.award import Award
from tests.visitor import Visitor


async def test_the_funnel_follows_one_project_to_its_end(award: Award) -> None:
    """Budget 180,000, price 152,000: 28,000 saved, 15.56 %."""
    world = award.world
    assert (await figures(Filters())).total.funnel == (1, 0, 0, 0)
    await award.run_past_notice()
    selected = (await figures(Filters())).total
    assert selected.funnel == (1, 1, 0, 0)
    assert (selected.saved, selected.saving_rate) == (Money(28_000_00), 1556)
    await sign_both(world, award.number, award.owner, award.winner)
    assert (await figures(Filters())).total.funnel == (1, 1, 1, 0)
    await deliver_results(world, award.number, award.winner)
    await accept_delivery(world, award.number, award.owner)
    found = await figures(Filters())
    assert found.total.funnel == (1, 1, 1, 1)
    assert found.total.on_time_rate == 10_000
    assert {one.stage for one in found.times} == {"sign_up", "draw", "notice", "contract", "fulfilment", "whole"}
    assert list(found.regions) == ["370203"]
    assert list(found.classes) == ["C"]
    assert list(found.methods) == ["draw"]
    assert (await headline())[0] == found.total


async def test_a_late_delivery_is_not_in_time(award: Award) -> None:
    await award.run_past_notice()
    contract = await sign_both(award.world, award.number, award.owner, award.winner)
    assert contract.delivery_due_at is not None
    await award.world.run_until(contract.delivery_due_at + timedelta(days=2))
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    total = (await figures(Filters())).total
    assert (total.fulfilled, total.on_time, total.on_time_rate) == (1, 0, 0)


async def test_filters_cut_by_region_class_and_day_of_the_notice(award: Award) -> None:
    posted_on = beijing_date((await award.project()).published_at)
    day_before, day_after = posted_on - timedelta(days=1), posted_on + timedelta(days=1)
    counted = {
        Filters(region="3702"): 1, Filters(region="370203"): 1, Filters(region="370202"): 0, Filters(region="532531"): 0,
        Filters(service_class="C"): 1, Filters(service_class="A"): 0,
        Filters(since=posted_on, until=posted_on): 1, Filters(since=day_after): 0, Filters(until=day_before): 0,
    }  # fmt: skip
    assert {filters: (await figures(filters)).total.posted for filters in counted} == counted


async def test_page_json_and_files_say_the_same(award: Award, client: Visitor) -> None:
    await award.run_past_notice()
    data = (await client.get("/statistics.json?region=370200")).json()
    assert (data["total"]["saved"], data["total"]["saving_rate"]) == (28_000_00, 1556)
    assert data["filters"] == {"region": "3702"}
    file = (await client.get("/statistics/regions.csv")).content.decode("utf-8-sig").splitlines()
    assert file[1] == "370203,山东省青岛市市北区,1,1,0,0,0,0,0,1,0,0,180000.00,152000.00,28000.00,15.56"
    page = (await client.get("/statistics?region=370203&class=C")).text
    assert "15.56 %" in page
    assert 'id="saved-by-month"' in page
    assert "/statistics/regions.csv?region=370203&amp;class=C" in page


async def test_project_that_failed_or_was_drawn_again_counts_as_it_stands(award: Award) -> None:
    lonely = await publish_project(
        award.world, award.owner, title="无人报名的工程测量", investment_code="", investment_name=""
    )
    await award.world.run_past(lonely.sign_up_closes_at)
    total = (await figures(Filters())).total
    assert (total.posted, total.failed) == (2, 1)


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
