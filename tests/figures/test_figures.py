"""Figures of a market in which one project goes its whole way, counted by the code behind every page and file."""

from __future__ import annotations

from datetime import timedelta

from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.projects import publish_project
from market.demo.selection import object_to, reject
from market.kernel.calendar import beijing_date
from market.kernel.db import execute
from market.site.figures.model import Asked
from market.site.figures.scope import Scope, scope_of
from market.site.queries import headline
from tests.contracts.award import Award
from tests.counted import answer, lines, total
from tests.site.conftest import Somebody

STEPS = ("posted", "selected", "signed", "fulfilled", "paid", "rated")


async def funnel(award: Award) -> list[int | None]:
    values = await total("funnel", now=award.world.now)
    return [values[step] for step in STEPS]


async def test_the_funnel_follows_one_project_to_its_end(award: Award) -> None:
    """Budget 180,000, price 152,000: 28,000 saved, 15.56 %."""
    world = award.world
    assert await funnel(award) == [1, 0, 0, 0, 0, 0]
    assert (await total("activity", now=world.now))["won"] == 0  # nobody is told a result before it is final
    await award.run_past_notice()
    assert await funnel(award) == [1, 1, 0, 0, 0, 0]
    saving = await total("saving", now=world.now)
    assert (saving["saved"], saving["saving_rate"], saving["unpriced"]) == (28_000_00, 1556, 0)
    await sign_both(world, award.number, award.owner, award.winner)
    await deliver_results(world, award.number, award.winner)
    await accept_delivery(world, award.number, award.owner)
    assert (await funnel(award))[:4] == [1, 1, 1, 1]
    delivery = await total("delivery", now=world.now)
    assert (delivery["on_time"], delivery["on_time_rate"]) == (1, 10_000)
    stages = await lines("stage-time", "stage", now=world.now)
    assert list(stages) == ["sign_up", "draw", "notice", "contract", "delivery", "answer", "whole"]
    whole = await total("stage-time", now=world.now)
    assert (whole["steps"], whole["median"]) == (1, stages["whole"]["median"])
    # The method is called as one of the steps is; a line of methods speaks of the whole way all the same.
    assert (await lines("stage-time", "method", now=world.now))["draw"] == whole
    for by, keys in {"region": ["370203"], "class": ["C"], "method": ["draw"], "owner": ["public_body"]}.items():
        assert list(await lines("funnel", by, now=world.now)) == keys
    won = await lines("concentration", "class", now=world.now)
    assert (won["C"]["won"], won["C"]["hhi"], won["C"]["top_share"]) == (1, 10_000, 10_000)
    month = (await headline())[0]
    assert (month.posted, month.fulfilled, month.saved.fen) == (1, 1, saving["saved"])


async def test_a_late_delivery_is_not_in_time(award: Award) -> None:
    await award.run_past_notice()
    contract = await sign_both(award.world, award.number, award.owner, award.winner)
    assert contract.delivery_due_at is not None
    await award.world.run_until(contract.delivery_due_at + timedelta(days=2))
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    delivery = await total("delivery", now=award.world.now)
    assert (delivery["fulfilled"], delivery["on_time"], delivery["on_time_rate"]) == (1, 0, 0)
    late = (await lines("stage-time", "stage", now=award.world.now))["delivery"]
    assert (late["limited"], late["within"], late["within_share"]) == (1, 0, 0)


async def test_filters_cut_by_place_class_method_owner_and_day(award: Award) -> None:
    posted_on = beijing_date((await award.project()).published_at)
    before, after = posted_on - timedelta(days=1), posted_on + timedelta(days=1)
    counted = {
        Asked(region="3702"): 1, Asked(region="370203"): 1, Asked(region="370202"): 0, Asked(service_class="C"): 1,
        Asked(service_class="A"): 0, Asked(method="draw"): 1, Asked(method="merit"): 0, Asked(owner="public_body"): 1,
        Asked(owner="enterprise"): 0, Asked.between(posted_on, posted_on): 1, Asked.between(since=after): 0, Asked.between(until=before): 0,
    }  # fmt: skip
    now = award.world.now
    assert {asked: (await total("funnel", asked, now=now))["posted"] for asked in counted} == counted
    compared = await answer("funnel", Asked.between(after, after), now=now)
    assert compared.previous is not None
    assert (compared.total.values["posted"], compared.previous.values["posted"]) == (0, 1)


async def test_a_failed_project_counts_as_it_stands(award: Award) -> None:
    lonely = await publish_project(
        award.world, award.owner, title="无人报名的工程测量", investment_code="", investment_name=""
    )
    await award.world.run_past(lonely.sign_up_closes_at)
    values = await total("funnel", now=award.world.now)
    assert (values["posted"], values["failed"]) == (2, 1)


async def test_a_regulator_counts_its_field_and_nothing_else(award: Award, somebody: Somebody) -> None:
    await award.run_past_notice()
    now = award.world.now
    catalogue = award.world.catalogue
    wanted = (await award.project()).service_items[0]
    department = next(item.regulators[0] for item in catalogue.items if item.code == wanted)
    other = next(one.code for one in catalogue.regulators if one.code != department and not any(
        one.code in item.regulators for item in catalogue.items if item.service_class == "C"))  # fmt: skip
    counted = {("3702", ""): 1, ("", department): 1, ("3702", department): 1, ("5325", ""): 0, ("", other): 0}
    for field, posted in counted.items():
        scope = await scope_of(await somebody("regulator", scope=field))
        for name, column in (
            ("funnel", "posted"),
            ("saving", "priced"),
            ("activity", "won"),
            ("stage-time", "steps"),
            ("concentration", "won"),
        ):
            found = await total(name, now=now, scope=scope)
            assert found[column] == (0 if name == "stage-time" else posted), (field, name)
    assert (await total("funnel", now=now, scope=Scope(())))["posted"] == 0  # no field is no market
    assert await scope_of(award.owner) == Scope(())
    whole = await answer("activity", Asked(region="3702"), now=now)
    in_qingdao = await scope_of(await somebody("regulator", scope=("3702", "")))
    assert (await answer("activity", now=now, scope=in_qingdao)).total == whole.total


async def test_complaints_are_told_from_three_cases_on(award: Award) -> None:
    """Of one or two, what became of them would be somebody's own matter."""
    world, project = award.world, await award.project()
    first = await object_to(world, award.owner, project)
    alone = await answer("complaints", now=world.now)
    assert alone.total.withheld and [line.withheld for line in alone.lines] == [True]
    assert set(alone.total.values.values()) == {None}
    for loser in award.losers:
        await object_to(world, loser, project)
    await reject(world, first)
    told = await lines("complaints", "kind", now=world.now)
    expected = {"received": 3, "answered": 1, "in_time": 1, "upheld": 0, "overdue": 0, "in_time_rate": 10_000}
    assert {name: told["objection"][name] for name in expected} == expected
    later = await total("complaints", now=world.now + timedelta(days=60))
    assert (later["overdue"], later["in_time_rate"]) == (2, 3333)  # whoever waits in vain counts against the rate


async def test_credit_is_told_by_band_with_the_unrated_beside(award: Award) -> None:
    bands = await lines("credit", "band", now=award.world.now)
    assert {band: values["agencies"] for band, values in bands.items()} == {"unrated": 3}
    values = await total("credit", now=award.world.now)
    assert (values["agencies"], values["unrated"], values["good_share"]) == (3, 3, None)
    await execute("INSERT INTO agency_standing (agency_id, score, updated_at) VALUES ($1, 97, now()), ($2, 59, now())",
                  award.agents[0].id, award.agents[1].id)  # fmt: skip
    bands = await lines("credit", "band", now=award.world.now)
    assert {band: values["agencies"] for band, values in bands.items()} == {"055": 1, "095": 1, "unrated": 1}
    values = await total("credit", now=award.world.now)
    assert (values["grade_5"], values["grade_1"], values["good_share"]) == (1, 1, 5000)
