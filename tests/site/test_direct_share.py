"""How much each owner picks directly: on the page, as a file and for programs; and what the desks know of every method."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.site.figures.model import Asked
from market.web.viewer import Viewer
from projects.selection.methods import METHODS
from tests.counted import lines
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
    assert await lines("direct", "named_owner", now=world.now) == {}
    await publish_project(world, owner, method="direct", invited_code=[SURVEYORS[0]], budget="60000", price="50000")
    await publish_project(world, owner)
    await publish_project(world, owner, method="lowest_price")
    assert await lines("direct", "named_owner", now=world.now) == {
        str(owner.organisation_id): {
            "direct": 1, "posted": 3, "direct_amount": 5_000_000, "amount": 35_400_000, "direct_share": 3333, "amount_share": 1412,
        }
    }  # fmt: skip
    assert await lines("direct", "named_owner", Asked(region="532531"), now=world.now) == {}
    page = (await client.get("/statistics/direct")).text
    assert "青岛市市北区住房和城乡建设局" in page
    assert "33.33 %" in page
    rows = list(csv.reader(io.StringIO((await client.get("/statistics/direct.csv")).text.removeprefix("\ufeff"))))
    assert rows[1][1:] == ["青岛市市北区住房和城乡建设局", "1", "3", "33.33", "50000.00", "354000.00", "14.12"]
    assert (await client.get("/statistics/direct.json")).json()["total"]["amount_share"] == 1412


async def test_every_page_of_the_storefront_knows_every_method(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor
) -> None:
    for method, one in METHODS.items():
        alone: dict[str, Any] = {"invited_code": [SURVEYORS[0]]} if one.alone else {}
        await publish_project(world, owner, method=method, funding="none", **alone)
    await world.settle()
    for path in (
        "/",
        "/projects",
        "/results",
        "/statistics",
        "/statistics/funnel.csv?by=method",
        "/search?q=测量",
        "/help",
    ):
        assert (await client.get(path)).status_code == 200, path
    assert set(await lines("funnel", "method", now=world.now)) == set(METHODS)
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    desk = await client.sign_in_as(owner.person_id, owner.organisation_id)
    for path in ("/workbench", "/owner/projects"):
        assert (await desk.get(path)).status_code == 200, path
