"""Who finds which agency, and what waits on whose work bench."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from agencies import actions
from agencies.queries.directory import Filters, directory, entry_notices
from agencies.rules import Certificate, Decision, Standing
from market.demo import agencies as cast
from market.kernel.db import transaction
from market.web.panels import waiting_for

CONSULTING = Certificate(
    "engineering-consulting-filing", "", ("municipal",), "37012022001", date(2023, 1, 1), date(2030, 1, 1)
)


async def found(world, **filters: Any) -> list[str]:
    _, lines = await directory(Filters(**filters), page=1, today=world.now.date())
    return [line.name for line in lines]


async def test_search_and_filters(world, client) -> None:
    hainuo, zhongheng, suspended = await cast.admit_agencies(world, [
        cast.some_agency(1, name="青岛海诺测绘有限公司"),
        cast.some_agency(2, name="山东中衡工程咨询有限公司", region_code="370100", service_items=("A002",), qualifications=(CONSULTING,)),
        cast.some_agency(3, name="青岛蓝湾GEO测绘院", region_code="370211"),
    ])  # fmt: skip
    async with transaction():
        await actions.set_standing(
            suspended.id, Standing(world.now + timedelta(days=9), "迟延", None, "", 62), now=world.now
        )
        await actions.set_standing(zhongheng.id, Standing(None, "", None, "", 101), now=world.now)
    assert await found(world, text="测绘") == [hainuo.name, suspended.name]
    assert await found(world, text="海诺测") == [hainuo.name]
    assert await found(world, text="geo") == [suspended.name]
    assert await found(world, text=zhongheng.code.lower()) == [zhongheng.name]
    assert await found(world, text="%' OR 1=1 --") == []
    assert await found(world, items=("A002",)) == [zhongheng.name]
    assert await found(world, region="370200") == [hainuo.name, suspended.name]
    assert await found(world, region="370000", qualification="engineering-consulting-filing") == [zhongheng.name]
    assert (await found(world, sort="score"))[:2] == [zhongheng.name, suspended.name]
    page = (await client.get("/agencies?q=测绘&kind=C&sort=score")).text
    assert hainuo.name in page
    assert zhongheng.name not in page
    nothing = await client.get("/agencies?q=不存在的机构&region=000000&kind=Z&sort=drop&page=x")
    assert nothing.status_code == 200
    assert 'href="/agencies"' in nothing.text


async def test_expired_certificates_leave_the_filter_by_themselves(world) -> None:
    soon = date(2026, 7, 1)
    agent = await cast.admit_agency(
        world, cast.some_agency(1, qualifications=(cast.surveying_certificate(until=soon),))
    )
    for day, names in ((soon, [agent.name]), (soon + timedelta(days=1), [])):
        _, lines = await directory(Filters(qualification="surveying-mapping"), page=1, today=day)
        assert [line.name for line in lines] == names


async def test_an_entry_notice_is_public_and_says_how_to_object(world, client) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    assert (await entry_notices())[0] == 0
    assert (await client.get(f"/agencies/{agent.code}")).status_code == 404
    await cast.review(world, agent)
    assert [notice.code for notice in (await entry_notices())[1]] == [agent.code]
    for path in ("/entry-notices", f"/agencies/{agent.code}"):
        page = (await client.get(path)).text
        assert "053285910012" in page
    assert agent.code not in (await client.get("/agencies")).text


async def test_what_waits_for_whom(world) -> None:
    operator = await cast.operator_of(world)
    agent = await cast.sign_up_agency(world, cast.some_agency(1))

    async def waits(viewer) -> list[str]:
        return [
            one.link for one in await waiting_for(viewer, world.now) if "/entr" in one.link or "/agency/" in one.link
        ]

    assert await waits(agent.viewer) == ["/agency/entry"]
    await cast.fill_in(
        world, agent, cast.some_agency(1, qualifications=(cast.surveying_certificate(until=date(2026, 8, 1)),))
    )
    await cast.submit_again(world, agent)
    assert (await waits(agent.viewer), await waits(operator)) == ([], [f"/operator/entries/{agent.code}"])
    await cast.review(world, agent, Decision.RETURN, returned={"firm": "地址与执照不符"})
    assert (await waits(agent.viewer), await waits(operator)) == (["/agency/entry"], [])
    await cast.submit_again(world, agent)
    await cast.review(world, agent)
    ends_at = (await cast.dossier(agent)).agency.notice_ends_at
    assert ends_at is not None
    await world.run_until(ends_at)
    assert "/agency/changes" in await waits(agent.viewer)
    await actions.save_services(
        agent.id, ["C001", "C002"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now
    )
    assert await waits(operator) == [f"/operator/entries/{agent.code}"]
