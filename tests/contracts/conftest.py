from __future__ import annotations

import pytest

from market.demo.world import World
from tests.contracts.award import Award, make_award


@pytest.fixture
async def award(world: World) -> Award:
    return await make_award(world)
