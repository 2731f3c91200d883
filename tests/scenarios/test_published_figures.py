"""Figures that service centres published, reproduced through the real path and the real statistics.

The budgets and prices of the single projects were never published: they are invented so that their sums are the
published ones. Everything else happens as it would: sign-up, draw, notice, contract, delivery, acceptance.
"""

from __future__ import annotations

from datetime import date
from random import Random

from market.kernel.money import Money
from market.site.queries import figures
from market.site.rules import Filters

from .conftest import OpenMarket
from .county import beijing, divided, open_place


def _first_half_of_2017(region: str = "") -> Filters:
    return Filters(region=region, since=date(2017, 1, 1), until=date(2017, 6, 30))


async def test_luchun_county_first_half_of_2018(open_market: OpenMarket) -> None:
    """Posted 4, selected 4, signed 4, fulfilled 2: four notices of one spring, two of them running past midsummer."""
    world = await open_market(beijing(2018, 2, 26))
    county = await open_place(world, "532531", owners=2, agencies=3)
    for place, moment in enumerate(
        (beijing(2018, 3, 12), beijing(2018, 4, 10), beijing(2018, 5, 14), beijing(2018, 5, 28))
    ):
        await world.run_until(moment)
        project = await county.publish(place, Money.parse("96000"), Money.parse("88000"), service_days="60")
        await county.sign_up(project, 3)
        await county.select(project)
        await county.sign(project, place)
        if place < 2:
            await county.fulfil(project, place)
    await world.run_until(beijing(2018, 6, 30))

    found = await figures(Filters(region="532531", since=date(2018, 1, 1), until=date(2018, 6, 30)))
    assert found.total.funnel == (4, 4, 4, 2)
    assert found.total.on_time_rate == 10_000
    assert list(found.regions) == ["532531"]
    assert {month: tally.posted for month, tally in found.months.items()} == {"2018-03": 1, "2018-04": 1, "2018-05": 2}
    assert (await figures(Filters(region="532531", since=date(2018, 7, 1)))).total.posted == 0


async def test_qingdao_first_half_of_2017(open_market: OpenMarket) -> None:
    """58 projects, 1,856,000 yuan saved, saving rate 42.6 %."""
    projects, saved = 58, Money.parse("1856000")
    budget = Money.parse("4356808")
    world = await open_market(beijing(2017, 3, 6))
    city = await open_place(world, "370202", owners=6, agencies=3)
    random = Random(2017)
    amounts = zip(divided(budget, projects, random), divided(saved, projects, random), strict=True)
    posted = [await city.publish(place, whole, whole - part) for place, (whole, part) in enumerate(amounts)]
    for project in posted:
        await city.sign_up(project, 3)
    await city.select(posted[0])

    found = (await figures(_first_half_of_2017("3702"))).total
    assert (found.posted, found.selected, found.priced) == (projects, projects, projects)
    assert found.saved == saved
    assert found.saving_rate == 4_260
    before = await figures(Filters(region="3702", until=date(2017, 3, 1)))
    assert before.total.posted == 0


async def test_weifang_2017(open_market: OpenMarket) -> None:
    """Turnover 9.125 billion yuan, saved 1.400 billion, saving rate 13.30 % (saved ÷ (turnover + saved)).

    The 1,711 published procurements would take minutes through the whole path: here the same turnover is made of one
    project for every ten of them, all paid with social funds, since fiscal ones of that size must be tendered.
    """
    projects, turnover, saved = 171, Money.parse("9125000000"), Money.parse("1400000000")
    world = await open_market(beijing(2017, 4, 10))
    city = await open_place(world, "370705", owners=3, agencies=1, kind="enterprise")
    random = Random(1711)
    amounts = zip(divided(turnover, projects, random), divided(saved, projects, random), strict=True)
    posted = [
        await city.publish(place, price + part, price, funding="none") for place, (price, part) in enumerate(amounts)
    ]
    elsewhere = await city.publish(0, Money.parse("90000"), Money.parse("50000"), region_code="370202")
    for project in [*posted, elsewhere]:
        await city.sign_up(project, 1)
    await city.select(posted[0])

    found = (await figures(Filters(region="3707", since=date(2017, 1, 1), until=date(2017, 12, 31)))).total
    assert (found.posted, found.selected) == (projects, projects)
    assert (found.price, found.saved) == (turnover, saved)
    assert found.saving_rate == 1_330
    everywhere = (await figures(_first_half_of_2017())).total
    assert everywhere.posted == projects + 1
