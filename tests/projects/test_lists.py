"""The lists of notices and results: what the filters find, and that an address can be sent to somebody."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest

from market.demo.projects import publish_project
from market.demo.world import World
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.page.queries import PAGE, ListQuery, notices, region_prefix, results
from projects.posting import actions
from projects.queries import ProjectView
from tests.posting.conftest import admitted_agency
from tests.visitor import Visitor


@pytest.fixture
async def three(world: World, owner: Viewer, other_owner: Viewer, surveyors: list[UUID]) -> list[ProjectView]:
    """A survey in Shibei, a dearer one in Shinan closing sooner, and a withdrawn feasibility study."""
    await admitted_agency(world, "91370200MA3C7GGG7X", items=["A021"], level=None)
    survey = await publish_project(world, owner, working_days=9)
    dearer = await publish_project(
        world,
        other_owner,
        title="台东街道地下管线普查",
        region_code="370202",
        budget="450000",
        price="420000",
        funding="none",
    )
    study = await publish_project(
        world,
        owner,
        title="养老服务中心水土保持方案",
        service_items=["A021"],
        budget="90000",
        price="80000",
        working_days=8,
    )
    await actions.withdraw(owner, study.number, reason="年度计划调整，项目取消", now=world.now)
    return [survey, dearer, study]


FOUND: list[tuple[ListQuery, set[int]]] = [
    (ListQuery(), {0, 1, 2}),
    (ListQuery(stage="sign_up"), {0, 1}),
    (ListQuery(stage="ended"), {2}),
    (ListQuery(stage="no such stage"), {0, 1, 2}),
    (ListQuery(service_class="C"), {0, 1}),
    (ListQuery(service_class="A"), {2}),
    (ListQuery(item="C001"), {0, 1}),
    (ListQuery(item="C999"), set()),
    (ListQuery(region="370203"), {0, 2}),
    (ListQuery(region="370200"), {0, 1, 2}),
    (ListQuery(region="370000"), {0, 1, 2}),
    (ListQuery(region="110000"), set()),
    (ListQuery(band="30-100"), {1}),
    (ListQuery(band="10-30"), {0}),
    (ListQuery(band="-10"), {2}),
    (ListQuery(text="管线"), {0, 1, 2}),
    (ListQuery(text="管线普查"), {1}),
    (ListQuery(text="普查 台东"), {1}),
    (ListQuery(text="测"), {0, 1, 2}),
    (ListQuery(text="MX-2026-000002"), {1}),
    (ListQuery(text="mx-2026-00000"), {0, 1, 2}),
    (ListQuery(text="没有的词语"), set()),
    (ListQuery(text="100%_'; DROP TABLE project; --"), set()),
    (ListQuery(service_class="C", band="30-100", stage="sign_up", text="普查"), {1}),
]


async def test_filters(world: World, three: list[ProjectView]) -> None:
    for asked, found in FOUND:
        lines, total = await notices(asked, world.now)
        assert {line.number for line in lines} == {three[place].number for place in found}, asked
        assert total == len(found), asked


async def test_closing_soon_and_sorting(world: World, three: list[ProjectView]) -> None:
    world.clock.set(three[1].sign_up_closes_at - timedelta(hours=20))
    lines, total = await notices(ListQuery(soon=True), world.now)
    assert ([line.number for line in lines], total) == ([three[1].number], 1)
    by_price, _ = await notices(ListQuery(sort="price"), world.now)
    assert [line.price_fen for line in by_price] == [42_000_000, 15_200_000, 8_000_000]
    closing, _ = await notices(ListQuery(sort="closing", stage="sign_up"), world.now)
    assert [line.number for line in closing] == [three[1].number, three[0].number]


async def test_pages_of_twenty(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    for number in range(PAGE + 1):
        await publish_project(world, owner, title=f"第 {number} 号地块工程测量", budget="2000", price="1000")
    first, total = await notices(ListQuery(), world.now)
    second, same = await notices(ListQuery(page=2), world.now)
    assert (len(first), len(second), total, same) == (PAGE, 1, PAGE + 1, PAGE + 1)
    assert {line.number for line in first}.isdisjoint(line.number for line in second)


async def test_a_failed_selection_stands_among_the_failed(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    await world.run_past(project.sign_up_closes_at)
    selected, none = await results(failed=False, page=1)
    failed, one = await results(failed=True, page=1)
    assert (selected, none) == ([], 0)
    assert ([line.number for line in failed], one) == ([project.number], 1)


def test_the_region_prefix() -> None:
    assert [region_prefix(code) for code in ("370000", "370200", "370203", "100000")] == ["37", "3702", "370203", "10"]


async def test_the_address_carries_every_filter(client: Visitor, three: list[ProjectView]) -> None:
    page = await client.get("/projects?q=普查&cls=C&stage=sign_up&band=30-100&sort=price")
    assert three[1].title in page.text
    assert three[0].title not in page.text
    for part in ('name="cls" value="C"', 'name="stage" value="sign_up"', 'name="band" value="30-100"', 'value="普查"'):
        assert part in page.text
    nothing = await client.get("/projects?q=没有的词语")
    assert nothing.status_code == 200
    assert "没有符合条件的公告" in nothing.text


async def test_addresses_that_are_none(client: Visitor, world: World) -> None:
    for query in ("page=0", "page=-1", "page=x", "page=99999"):
        assert (await client.get(f"/projects?{query}")).status_code in {400, 404}, query


async def test_odd_filters_do_no_harm(client: Visitor, three: list[ProjectView]) -> None:
    for query in (
        "page=400",
        "region=%25",
        "cls=%25",
        "item=%27",
        "q=%25_%5C",
        "stage=%00",
        "soon=yes",
        "sort=;",
    ):
        assert (await client.get(f"/projects?{query}")).status_code == 200, query


async def test_a_project_that_is_not_there(client: Visitor, world: World) -> None:
    for path in ("", "/notice", "/notice.json"):
        assert (await client.get(f"/projects/MX-2026-999999{path}")).status_code == 404


async def test_the_notice_hashes_to_what_the_register_says(
    client: Visitor, world: World, owner: Viewer, three: list[ProjectView]
) -> None:
    [published] = await history_of(three[0].number)
    content = (await client.get(f"{three[0].url}/notice.json")).content
    assert hashlib.sha256(content).hexdigest() == published.data["notice_sha256"]
    assert published.data["notice_sha256"] in (await client.get(f"{three[0].url}/notice")).text


async def test_what_owners_write_is_never_markup(
    client: Visitor, world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    sting = "<script>alert(1)</script> 工程测量"
    project = await publish_project(
        world, owner, title=sting, content=f"{sting}：对范围内的建筑和道路进行测量。", scale=sting
    )
    for path in ("/projects", project.url, f"{project.url}/notice"):
        page = await client.get(path)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text
