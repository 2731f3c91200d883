from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from litestar import Litestar

from market.demo.world import World
from market.web.viewer import Viewer
from tests.complaints.dispute import Dispute, make_dispute
from tests.contracts.award import Award, SignIn, make_award
from tests.ratings.people import open_regulator
from tests.visitor import Visitor


@pytest.fixture
async def award(world: World) -> Award:
    return await make_award(world, agencies=4)


@pytest.fixture
async def regulator(world: World) -> Viewer:
    return await open_regulator(world, 1, "3702")


@pytest.fixture
async def dispute(award: Award, regulator: Viewer) -> Dispute:
    """Objected to; not answered yet."""
    return await make_dispute(award, regulator)


@pytest.fixture
async def sign_in(site: Litestar) -> AsyncIterator[SignIn]:
    """`await sign_in(viewer)` gives a browser in which this person is signed in."""
    async with AsyncExitStack() as stack:

        async def enter(viewer: Viewer) -> Visitor:
            visitor = await stack.enter_async_context(Visitor(site))
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)

        yield enter
