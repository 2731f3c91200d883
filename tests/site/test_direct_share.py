"""How much each owner picks directly: on the page, as a file and for programs; and what the desks know of every method."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest

from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.money import Money
from market.site.queries import figures
from market.site.rules import Filters
from market.site.rules.figures import DirectShare
from market.web.viewer import Viewer
from projects.selection.methods import METHODS
from tests.posting.conftest import OWNER_CODE, SURVEYORS, admitted_agency
from tests.visitor import Visitor


@pytest.fixture
async def owner(world: World) -> Viewer:
    return await open_owner(world, name="青岛市市北区住房和城乡建设局", code=OWNER_CODE)


@pytest.fixture
async def surveyors(world: World) -> list[UUID]:
    return [await admitted_agency(world, code) for code in SURVEYORS]


async def test_the_share_of_direct_selections_is_public(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor
) -> None:
    assert (await figures(Filters())).direct == ()
    await publish_project(world, owner, method="direct", invited_code=[SURVEYORS[0]], budget="60000", price="50000")
    await publish_project(world, owner)
    await publish_project(world, owner, method="lowest_price")
    [share] = (await figures(Filters())).direct
    assert share == DirectShare(
        2026, OWNER_CODE, "青岛市市北区住房和城乡建设局", 3, 1, Money(35_400_000), Money(5_000_000)
    )
    assert (share.share, share.amount_share) == (3333, 1412)
    assert (await figures(Filters(region="532531"))).direct == ()
    page = await client.get("/statistics")
    assert 'id="direct"' in page.text
    assert "33.33 %" in page.text
    rows = list(csv.reader(io.StringIO((await client.get("/statistics/direct.csv")).text.removeprefix("\ufeff"))))
    assert rows[1] == [
        "2026",
        OWNER_CODE,
        "青岛市市北区住房和城乡建设局",
        "1",
        "3",
        "33.33",
        "50000.00",
        "354000.00",
        "14.12",
    ]
    assert (await client.get("/statistics.json")).json()["direct"][0]["amount_share"] == 1412


async def test_every_page_of_the_storefront_knows_every_method(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor
) -> None:
    for method, one in METHODS.items():
        await publish_project(
            world, owner, method=method, funding="none", **({"invited_code": [SURVEYORS[0]]} if one.alone else {})
        )
    await world.settle()
    for path in ("/", "/projects", "/results", "/statistics", "/statistics/methods.csv", "/search?q=测量", "/help"):
        assert (await client.get(path)).status_code == 200, path
    assert list((await figures(Filters())).methods) == sorted(METHODS)
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    desk = await client.sign_in_as(owner.person_id, owner.organisation_id)
    for path in ("/workbench", "/owner/projects"):
        assert (await desk.get(path)).status_code == 200, path
