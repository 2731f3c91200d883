"""Each kind of account finds on its bench what waits for it, and a regulator nothing outside its scope."""

from __future__ import annotations

import re

from market.demo.contracts import sign_both
from market.demo.world import World
from market.oversight.queries import watch_of
from market.site.queries.oversight import counts, open_steps
from market.web.viewer import Viewer
from projects.rules import Stage
from tests.contracts.award import Award, SignIn
from tests.site.conftest import Somebody
from tests.visitor import Visitor


async def test_nobody_has_a_bench_without_signing_in(client: Visitor) -> None:
    for path in ("/workbench", "/regulator"):
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?back={path}"


async def test_a_new_owner_is_guided(somebody: Somebody, sign_in: SignIn) -> None:
    for kind in ("public_body", "enterprise", "natural_person"):
        page = await (await sign_in(await somebody(kind))).get("/workbench")
        assert page.status_code == 200
        assert "三步发布第一宗项目" in page.text


async def test_the_owner_sees_projects_by_stage_and_the_contract_to_sign(award: Award, sign_in: SignIn) -> None:
    contract = await award.run_past_notice()
    browser = await sign_in(award.owner)
    page = (await browser.get("/workbench")).text
    newest = re.search(r"/messages/[0-9a-f-]{36}", page)  # whoever opens a message from here has read it
    assert newest
    await browser.get(newest.group())
    assert (await browser.get("/workbench")).text.count(">新<") == page.count(">新<") - 1
    assert contract.number in page
    assert f"/contracts/{contract.number}/sign" in page
    assert award.number in page
    assert "lamp--green" in page


async def test_lamps_turn_as_the_limit_comes_near(award: Award, sign_in: SignIn) -> None:
    contract = await award.run_past_notice()
    browser = await sign_in(award.winner)
    await award.world.run_until(award.world.calendar.add_working_days(contract.created_at, 8))
    assert "lamp--amber" in (await browser.get("/workbench")).text


async def test_an_agency_sees_where_its_application_stands(somebody: Somebody, award: Award, sign_in: SignIn) -> None:
    newcomer = (await (await sign_in(await somebody("agency"))).get("/workbench")).text
    assert "入驻流程" in newcomer
    assert "/agency/entry" in newcomer
    winner = (await (await sign_in(award.winner)).get("/workbench")).text
    assert award.number in winner
    assert f"/agencies/{award.winner.organisation_code}/credit" in winner


async def test_operator_and_expert_have_benches_of_their_own(somebody: Somebody, sign_in: SignIn) -> None:
    operator = await sign_in(await somebody("operator"))
    assert "待审核入驻申请" in (await operator.get("/workbench")).text
    assert (await operator.get("/regulator")).status_code == 403
    expert = await (await sign_in(await somebody("expert"))).get("/workbench")
    assert "评审专家" in expert.text


async def steps_of(viewer: Viewer, world: World, *, show: str = "all") -> set[tuple[str, str]]:
    watch = await watch_of(viewer)
    steps = await open_steps(watch, world.now, show=show, page=1)
    assert len(steps) == getattr(await counts(watch, world.now), show)
    return {(step.kind, step.subject) for step in steps}


async def test_scope_is_region_and_industry_and_nothing_without_a_row(award: Award, somebody: Somebody) -> None:
    """The survey is in 370203 and belongs to the department of natural resources."""
    here = {("notice", award.number)}
    assert await steps_of(await somebody("regulator", scope=("", "")), award.world) == here
    assert await steps_of(await somebody("regulator", scope=("3702", "")), award.world) == here
    assert await steps_of(await somebody("regulator", scope=("370203", "natural-resources")), award.world) == here
    assert await steps_of(await somebody("regulator", scope=("370202", "")), award.world) == set()
    assert await steps_of(await somebody("regulator", scope=("3702", "water")), award.world) == set()
    assert await steps_of(await somebody("regulator"), award.world) == set()
    assert await steps_of(award.owner, award.world) == set()


async def test_who_is_late_is_named(award: Award, somebody: Somebody, sign_in: SignIn) -> None:
    regulator = await somebody("regulator", scope=("370203", ""))
    await award.run_past_notice()
    contract = await sign_both(award.world, award.number, award.owner, award.winner)
    assert await steps_of(regulator, award.world) == {("delivery", award.number)}
    assert await steps_of(regulator, award.world, show="overdue") == set()
    assert contract.delivery_due_at is not None
    await award.world.run_until(contract.delivery_due_at)
    assert await steps_of(regulator, award.world, show="overdue") == {("delivery", award.number)}
    browser = await sign_in(regulator)
    page = (await browser.get("/regulator/steps")).text
    assert award.winner.organisation_name in page
    assert "lamp--red" in page
    bench = (await browser.get("/workbench")).text
    assert "lamp--red" in bench
    counted = await counts(await watch_of(regulator), award.world.now)
    assert counted.stages == {Stage.FULFILMENT: 1}


async def test_the_page_of_limits_takes_any_address(somebody: Somebody, sign_in: SignIn) -> None:
    browser = await sign_in(await somebody("regulator", scope=("", "")))
    for question in ("show=all", "show=soon", "show=nonsense&page=-1", "show=all&page=99999999999999999999"):
        assert (await browser.get(f"/regulator/steps?{question}")).status_code == 200
