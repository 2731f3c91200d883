from __future__ import annotations

import pytest

from market.demo.contracts import sign_both
from market.demo.world import World
from tests.contracts.award import Award, make_award
from tests.contracts.conftest import sign_in

__all__ = ["award", "sign_in"]


@pytest.fixture
async def award(world: World) -> Award:
    """A contract in force since a moment ago: the agency has 15 working days."""
    made = await make_award(world)
    await made.run_past_notice()
    await sign_both(world, made.number, made.owner, made.winner)
    return made
