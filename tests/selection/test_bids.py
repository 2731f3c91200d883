"""Sealed bids before they open: in time, once, replaced, taken back, and never readable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.demo.agencies import Agent
from market.demo.bids import submit_bid
from market.demo.projects import publish_project
from market.demo.world import World
from market.web.viewer import Viewer
from projects.queries import ProjectView


@pytest.fixture
async def priced(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    """The survey, for the lowest price between 80,000 and 152,000 yuan."""
    return await publish_project(
        world, owner, method="lowest_price", quote="price", ceiling="152000", floor="80000", access="open"
    )


async def test_a_bid_signs_its_agency_up(world: World, priced: ProjectView, agents: list[Agent]) -> None:
    made = await submit_bid(world, agents[0], priced, 100_000_00)
    assert made.stands
