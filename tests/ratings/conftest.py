from __future__ import annotations

import pytest

from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.world import World
from tests.contracts.award import Award, make_award


@pytest.fixture
async def award(world: World) -> Award:
    """Drawn, not signed yet."""
    return await make_award(world)


@pytest.fixture
async def accepted(award: Award) -> Award:
    """Delivered in time and accepted; the time to rate has just begun."""
    await award.run_past_notice()
    await sign_both(award.world, award.number, award.owner, award.winner)
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    await award.world.settle()
    return award
