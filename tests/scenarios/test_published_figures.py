"""Figures that service centres published, reproduced through the real path and the real statistics.

The budgets and prices of the single projects were never published: they are invented so that their sums are the
published ones. Everything else happens as it would: sign-up, draw, notice, contract, delivery, acceptance.
"""

from __future__ import annotations

from datetime import date
from random import Random

from market.kernel.money import Money
from market.site.figures.model import Asked, Values
from market.site.figures.periods import named
from tests.counted import lines, total

from .conftest import OpenMarket
from .county import beijing, divided, open_place


def _first_half_of_2017(region: str = "") -> Asked:
    return Asked(region=region, period=named("2017-H1"))


def _funnel(values: Values) -> list[int | None]:
    return [values[step] for step in ("posted", "selected", "signed", "fulfilled")]


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

    half_year = Asked(region="532531", period=named("2018-H1"))
    assert _funnel(await total("funnel", half_year, now=world.now)) == [4, 4, 4, 2]
    assert (await total("delivery", half_year, now=world.now))["on_time_rate"] == 10_000
    assert list(await lines("funnel", "region", half_year, now=world.now)) == ["532531"]
    months = await lines("funnel", "month", half_year, now=world.now)
    assert {month: values["posted"] for month, values in months.items()} == {"2018-03": 1, "2018-04": 1, "2018-05": 2}
    later = Asked.between(since=date(2018, 7, 1), region="532531")
    assert (await total("funnel", later, now=world.now))["posted"] == 0


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

    asked = _first_half_of_2017("3702")
    assert _funnel(await total("funnel", asked, now=world.now))[:2] == [projects, projects]
    found = await total("saving", asked, now=world.now)
    assert (found["priced"], found["saved"], found["saving_rate"]) == (projects, saved.fen, 4_260)
    before = Asked.between(until=date(2017, 3, 1), region="3702")
    assert (await total("funnel", before, now=world.now))["posted"] == 0


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

    asked = Asked(region="3707", period=named("2017"))
    assert _funnel(await total("funnel", asked, now=world.now))[:2] == [projects, projects]
    found = await total("saving", asked, now=world.now)
    assert (found["price"], found["saved"], found["saving_rate"]) == (turnover.fen, saved.fen, 1_330)
    assert (await total("funnel", _first_half_of_2017(), now=world.now))["posted"] == projects + 1
