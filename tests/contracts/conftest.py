from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from litestar import Litestar

from market.demo.world import World
from market.web.viewer import Viewer
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, SignIn, drawn, recall
from tests.visitor import Visitor

beginning = begins_with({"award": drawn})


@pytest.fixture
def award(beginning: Beginning, world: World) -> Award:
    return recall(beginning, world)


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
