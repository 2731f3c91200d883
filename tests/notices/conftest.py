from __future__ import annotations

import pytest

from market.demo.agencies import credit_code
from market.demo.projects import open_owner
from market.demo.world import World
from tests.notices.scene import Reader, reader


@pytest.fixture
async def someone(world: World) -> Reader:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    return await reader(world, owner)
