"""A regulator records what the approval authority said: shown, told, counted, and corrected without being changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from market.cli.audit import audit_market
from market.demo.verdicts import correct_verdict, record_verdict, some_verdict
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.kernel.errors import NotFound, Refusal
from market.oversight.rules import Scope
from market.web.viewer import Viewer
from projects.verdicts import actions
from projects.verdicts.queries import desk_of, record_of
from projects.verdicts.rules import Outcome
from tests.access.verdicts import EXPECTATIONS
from tests.contracts.award import Award, SignIn, acts_of
from tests.contracts.test_access import cast
from tests.visitor import Visitor


async def people_of(award: Award) -> dict[str, Viewer]:
    """The cast, with the scopes that a session would give the regulators."""
    people = await cast(award)
    return people | {
        "regulator": replace(people["regulator"], scopes=(Scope("3702", ""),)),
        "regulator_out_of_scope": replace(people["regulator_out_of_scope"], scopes=(Scope("4401", ""),)),
    }


async def points(award: Award) -> list[tuple[str, int]]:
    rows = await fetch(
        "SELECT kind, points FROM credit_event WHERE organisation_id = $1 ORDER BY recorded_at, id",
        award.winner.organisation_id,
    )
    return [(row["kind"], row["points"]) for row in rows]


async def test_the_second_return_costs_credit_and_a_correction_gives_it_back(award: Award, client: Visitor) -> None:
    world, regulator = award.world, (await people_of(award))["regulator"]
    await record_verdict(world, award.number, regulator, Outcome.RETURNED, "青审批〔2026〕11号")
    await world.settle()
    assert await points(award) == []
    world.clock.advance(days=2)
    wrong = await record_verdict(world, award.number, regulator, Outcome.RETURNED, "青审批〔2026〕19号", letter=True)
    await world.settle()
    assert await points(award) == [("disapproved", -500)]

    page = (await client.get(f"/projects/{award.number}")).text
    assert "青审批〔2026〕19号" in page
    assert "/letter" not in page
    assert "青审批〔2026〕19号" in (await client.get(f"/agencies/{award.winner.organisation_code}")).text
    told = await fetch("SELECT organisation_id FROM inbox_message WHERE cause LIKE 'verdict:%:2'")
    assert {row["organisation_id"] for row in told} == {award.owner.organisation_id, award.winner.organisation_id}

    await correct_verdict(
        world, award.number, wrong, regulator, Outcome.PASSED, "误将另一项目的退回意见登记在此，现予更正。"
    )
    await world.settle()
    assert await points(award) == [("disapproved", -500), ("correction", 0)]
    record = await record_of(award.winner.organisation_code)
    assert record is not None
    assert (record.reports, record.passed, record.first, record.returned) == (1, 1, 0, 1)
    assert [one.latest for one in await desk_of(regulator)] == [Outcome.PASSED]
    assert await acts_of(award.number, "verdict.corrected") == 1
    assert await audit_market() == []


async def test_nothing_is_recorded_after_a_pass_by_strangers_or_for_a_day_that_cannot_be(award: Award) -> None:
    world, people = award.world, await people_of(award)
    with pytest.raises(NotFound):
        await record_verdict(world, award.number, people["regulator_out_of_scope"], Outcome.PASSED, "1号")
    tomorrow = some_verdict(Outcome.PASSED, "1号", beijing_date(world.now + timedelta(days=1)))
    with pytest.raises(Refusal) as early:
        await actions.record_verdict(
            award.number, 1, tomorrow, viewer=people["regulator"], files=world.running.files, now=world.now
        )
    assert early.value.code == "verdict.when"
    await record_verdict(world, award.number, people["regulator"], Outcome.PASSED, "1号")
    with pytest.raises(Refusal) as twice:
        await record_verdict(world, award.number, people["regulator"], Outcome.RETURNED, "2号")
    assert twice.value.code == "verdict.passed"


async def test_the_pages_of_verdicts(award: Award, sign_in: SignIn, client: Visitor) -> None:
    people = await people_of(award)
    regulator = await sign_in(people["regulator"])
    form = {
        "outcome": "returned", "authority": "青岛市行政审批服务局", "document_number": "青审批〔2026〕7号", "compared": "on",
        "decided_on": beijing_date(award.world.now).isoformat(), "where_1": "第二章", "what_1": "缺少现状监测数据，请补充后重新报送。",
    }  # fmt: skip
    without = {name: value for name, value in form.items() if not name.startswith("wh")}
    assert (await regulator.send_form(f"/projects/{award.number}/verdicts", without)).status_code == 422
    assert (await regulator.send_form(f"/projects/{award.number}/verdicts", form)).status_code == 303
    second = await record_verdict(
        award.world, award.number, people["regulator"], Outcome.RETURNED, "青审批〔2026〕8号", letter=True
    )
    filled = {"number:str": award.number, "no:int": "1", "verdict_id:uuid": str(second.id)}
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    for (method, path), expected in EXPECTATIONS.items():
        address = path
        for name, value in filled.items():
            address = address.replace(f"{{{name}}}", value)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            assert answer.status_code == expected[who], (method, path, who)
    mended = {"outcome": "void", "reason": "录入时选错了项目，该意见与本项目无关。"}
    assert (await regulator.send_form(f"/projects/{award.number}/verdicts/1", mended)).status_code == 303
    assert "录入时选错了项目" in (await client.get(f"/projects/{award.number}")).text
