from __future__ import annotations

import pytest

from market.demo.world import World
from market.web.viewer import Viewer
from tests.beginnings import begins_with
from tests.complaints.dispute import Dispute, make_dispute
from tests.contracts.award import Award, drawn_among_four
from tests.contracts.conftest import award, sign_in
from tests.ratings.people import open_regulator

__all__ = ["award", "sign_in"]

beginning = begins_with({"award": drawn_among_four})


@pytest.fixture
async def regulator(world: World) -> Viewer:
    return await open_regulator(world, 1, "3702")


@pytest.fixture
async def dispute(award: Award, regulator: Viewer) -> Dispute:
    """Objected to; not answered yet."""
    return await make_dispute(award, regulator)
