"""The market by region: every project and agency is counted in exactly one tile."""

from __future__ import annotations

import pytest

from market.catalogue.rules import NATION
from market.kernel.db import fetch_value
from market.site.queries.regions import activity_in
from tests.contracts.award import Award
from tests.visitor import Visitor


@pytest.mark.parametrize("code", [NATION, "370000", "370200"])
async def test_the_tiles_add_up_to_the_market(award: Award, code: str) -> None:
    await award.run_past_notice()
    activity = await activity_in(code, award.world.now)
    assert sum(one.posted for one in activity.values()) == await fetch_value("SELECT count(*) FROM project") == 1
    assert sum(one.selected for one in activity.values()) == 1
    assert sum(one.open for one in activity.values()) == 0
    admitted = await fetch_value("SELECT count(*) FROM agency WHERE stage = 'admitted'")
    assert sum(one.agencies for one in activity.values()) == admitted > 0


async def test_tiles_lead_down_and_a_district_has_none(award: Award, client: Visitor) -> None:
    whole = (await client.get(f"/regions/{NATION}")).text
    assert 'href="/regions/370000"' in whole
    district = await fetch_value("SELECT region_code FROM project")
    assert f'href="/projects?region={district}"' in (await client.get(f"/regions/{district[:4]}00")).text
    assert "这是最小的区域" in (await client.get(f"/regions/{district}")).text
    for unknown in ("000000", "370299", "x", "1" * 500):
        assert (await client.get(f"/regions/{unknown}")).status_code == 404
