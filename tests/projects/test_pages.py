from __future__ import annotations

from market.demo.projects import publish_project
from market.demo.world import World
from market.web.viewer import Viewer
from tests.visitor import Visitor


async def test_pages_of_a_project(client: Visitor, world: World, owner: Viewer, surveyors) -> None:
    project = await publish_project(world, owner)
    for path in (
        "/projects",
        "/results",
        "/results?failed=1",
        project.url,
        f"{project.url}/notice",
        f"{project.url}/notice.json",
    ):
        answer = await client.get(path)
        assert answer.status_code == 200, (path, answer.text[-3000:])
