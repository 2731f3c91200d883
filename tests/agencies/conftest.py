from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from market.web.viewer import Viewer
from tests.visitor import Visitor

SignIn = Callable[[Viewer], Awaitable[Visitor]]


@pytest.fixture
async def sign_in(site) -> AsyncIterator[SignIn]:
    """`await sign_in(viewer)`: a browser in which this person is signed in."""
    async with AsyncExitStack() as stack:

        async def enter(viewer: Viewer) -> Visitor:
            visitor = await stack.enter_async_context(Visitor(site))
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)

        yield enter
