"""Dossiers of an invented selection under a beacon whose secret the tests know."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from market.beacon import bls
from market.beacon.rules import Chain, Round, commit_round, round_time
from market.demo.agencies import Agent
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.dossiers.draw_dossier import Exclusion, Selection
from projects.selection.draw import DrawInput, Entrant
from tests.beginnings import Beginning, begins_with, four_agencies

SECRET = 0x031B0D0F93D8788A72D5C1F8F4702B26FC23A098E028DDBC0AD06A989DB1BA9C
CHAIN = Chain(bls.public_key_of(SECRET), 3, 1_700_000_000, bytes(range(32)), "local")
DEADLINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POOL = {"91000000MA0DEM00AB": 1, "91000000MA0DEM00BE": 2, "91000000MA0DEM00CH": 1}


def selection(
    pool: dict[str, int] | None = None, project: str = "DEMO-0001", deadline: datetime = DEADLINE, **changes: Any
) -> Selection:
    """One selection; `changes` replace members of the finished facts."""
    number = commit_round(CHAIN, deadline)
    weights = POOL if pool is None else pool
    facts = Selection(
        given=DrawInput(CHAIN.hash, tuple(Entrant(*item) for item in weights.items()), project, "award", number),
        names={code: f"机构 {code[-2:]}" for code in weights},
        excluded=(Exclusion("91000000MA0DEM00DK", "丁测绘", "信用限制名单:2026-11-01 起六个月"),),
        chain=CHAIN,
        beacon_round=Round(number, bls.sign_round(SECRET, number)),
        committed_at=deadline - timedelta(days=3),
        deadline=deadline,
        frozen_at=deadline + timedelta(seconds=1),
        drawn_at=round_time(CHAIN, number) + timedelta(milliseconds=250),
    )
    return replace(facts, **changes)


@pytest.fixture
def make_selection() -> Callable[..., Selection]:
    return selection


@pytest.fixture
async def owner(world: World) -> Viewer:
    return await open_owner(world, name="青岛市市北区住房和城乡建设局", code="11370203004205678J")


beginning = begins_with({"agents": four_agencies})


@pytest.fixture
def agents(beginning: Beginning, world: World) -> list[Agent]:
    """Four admitted agencies that meet the notice of `project`."""
    return list(beginning.memory)


@pytest.fixture
async def project(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    """A survey paid with state funds, open for sign-up."""
    return await publish_project(world, owner)


@pytest.fixture
async def priced(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    """The survey, for the lowest price between 80,000 and 152,000 yuan, open for sealed bids."""
    return await publish_project(world, owner, method="lowest_price", quote="price", ceiling="152000", floor="80000")
